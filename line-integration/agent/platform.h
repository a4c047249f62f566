// The few things about the machine that Linux and Windows tell in different ways.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gate/evidence/evidence.h"
#include "smbios/result.h"

namespace dmigate::agent {

std::vector<std::string> words_of_call(int argc, char** argv);  ///< UTF-8; without the program's name
std::string own_folder();      ///< of this program, with its final separator; empty where that is not known
std::string kernel_command();  ///< what the kernel was started with; empty where there is none
std::filesystem::path path_of(const std::string& name);  ///< of a name in UTF-8
std::string text_of_file(const std::string& path);       ///< of at most 64 KiB; empty where it cannot be read
void prepare_output();                                   ///< stdout and stderr take UTF-8

// This unit, now: table, disks, network cards, clock; on Windows WMI's answers too. What cannot be read, but
// for the table, is not there.
Result<gate::Evidence> read_unit();

}  // namespace dmigate::agent
