// Every other sentence that a person reads, in Chinese: errors and their advice, the problems of profiles
// and station files, what `registry` and `profile explain` print. They are made in English where they
// arise, and read back here by one table (phrase_rows.cc); what a verdict says itself stands in messages.h.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "gate/judge/messages.h"
#include "smbios/result.h"

namespace dmigate::gate {

// {named} stands for what the code puts in; {*named} for a part that is a phrase of the table itself.
struct Phrase {
  std::string_view english;
  std::string_view chinese;  ///< the same placeholders, in any order
};
std::span<const Phrase> sentences();          ///< that the code makes as errors: read back
std::span<const Phrase> foreign_sentences();  ///< that libraries make: read back as well
std::span<const Phrase> templates();          ///< for phrase() alone: too few words to be read back

// The sentence in that language, line by line. Where several rows read a sentence, the one that knows most
// of its words wins. What no row knows stays English: so does what the system says in brackets. What was
// put into a sentence is never taken for a placeholder, and nothing between ticks for a sentence of ours.
std::string translated(std::string_view english, Language language);

// A sentence or advice of a finding (messages.h), read back from a record in which it stands in English.
std::string translated_finding(std::string_view english, Language language);

// "WHERE: WHAT; ADVICE", as Error::to_string(), in that language.
std::string to_text(const Error& error, Language language);

// The text for the template `english`, word for word one of templates(); to be filled (fill()).
std::string_view phrase(std::string_view english, Language language);

}  // namespace dmigate::gate
