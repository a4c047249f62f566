#include "benchmarks/corpus.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "fixtures/builder/unit.h"

namespace dmigate::benchmarks {
namespace {

constexpr std::string_view kSerial = "CX2600417", kBoard = "HB26031187", kChassis = "CC2600417";
constexpr std::string_view kModules[] = {"014A77C1", "024A77C1"};
constexpr std::uint8_t kUuid[] = {0x02, 0x6f, 0x1e, 0x8d, 0x3b, 0x5c, 0x77, 0x4a,
                                  0x9e, 0x41, 0x2b, 0x7f, 0x60, 0xc4, 0xd5, 0x13};
constexpr std::uint8_t kTemplate[] = {0x00, 0x02, 0x00, 0x03, 0x00, 0x04, 0x00, 0x05,
                                      0x00, 0x06, 0x00, 0x07, 0x00, 0x08, 0x00, 0x09};

// How many structures a model has: of desktop.yaml the first so many, or all of it and the memory devices so
// often.
struct Shape {
  std::size_t structures;
  int memory;
};
constexpr Shape kShapes[] = {{34, 1}, {999, 1}, {999, 4}, {999, 9}};

std::size_t place_of(const std::vector<std::uint8_t>& dump, const void* bytes, std::size_t size) {
  const auto* begin = static_cast<const std::uint8_t*>(bytes);
  const auto found = std::search(dump.begin(), dump.end(), begin, begin + size);
  return static_cast<std::size_t>(found - dump.begin());
}
std::size_t place_of(const std::vector<std::uint8_t>& dump, std::string_view text) {
  return place_of(dump, text.data(), text.size());
}

void put(std::vector<std::uint8_t>& dump, std::size_t at, const void* bytes, std::size_t size) {
  if (at + size <= dump.size()) std::memcpy(dump.data() + at, bytes, size);
}

// `digits` digits of a number, in base 36 but for I and O.
void put_code(std::vector<std::uint8_t>& dump, std::size_t at, std::uint64_t number, int digits) {
  constexpr std::string_view kDigits = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
  for (int i = digits - 1; i >= 0; --i, number /= kDigits.size()) {
    put(dump, at + static_cast<std::size_t>(i), &kDigits[number % kDigits.size()], 1);
  }
}

// Another number below 34^7 for each, that does not count as its neighbours do.
std::uint64_t scrambled(std::uint64_t number) {
  constexpr std::uint64_t kAll = 52'523'350'144, kFactor = 27'644'437;
  return (number % kAll + 1) * kFactor % kAll;
}

}  // namespace

Result<Corpus> Corpus::make(const std::string& source, std::uint64_t seed) {
  auto unit = fixtures::load_unit(source + "/benchmarks/desktop.yaml");
  if (!unit) return Failure(unit.error());
  Corpus corpus(seed);
  for (const Shape& shape : kShapes) {
    fixtures::UnitDescription model = *unit;
    auto& structures = model.structures;
    structures.resize(std::min(structures.size(), shape.structures));
    std::vector<fixtures::StructureDescription> memory;
    std::ranges::copy_if(structures, std::back_inserter(memory),
                         [](const auto& each) { return each.type == 17; });
    for (int i = 1; i < shape.memory; ++i) structures.insert(structures.end(), memory.begin(), memory.end());
    auto built = fixtures::build(model);
    if (!built) return Failure(built.error());
    Model made{.dump = std::move(built->file)};
    made.serial = place_of(made.dump, kSerial);
    made.uuid = place_of(made.dump, kUuid, sizeof kUuid);
    made.serial_number = made.uuid - 1;  // Type 1, 07h
    made.board = place_of(made.dump, kBoard);
    made.chassis = place_of(made.dump, kChassis);
    for (const std::string_view module : kModules) made.modules.push_back(place_of(made.dump, module));
    corpus.models_.push_back(std::move(made));
  }
  return corpus;
}

// splitmix64
std::uint64_t Corpus::random(std::uint64_t unit, std::uint64_t what) const {
  std::uint64_t mixed = seed_ + (unit * 4 + what + 1) * 0x9E3779B97F4A7C15U;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9U;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
  return mixed ^ (mixed >> 31);
}

Fault Corpus::fault(std::uint64_t unit) const {
  const std::uint64_t dice = random(unit, 0) % 10'000;
  if (dice < 40) return Fault::kEmptySerial;
  if (dice < 60) return Fault::kZeroSerial;
  if (dice < 75) return Fault::kTemplateUuid;
  if (dice < 95) return Fault::kBlankBoard;
  if (dice < 100) return Fault::kCut;
  return dice < 150 && unit > 0 ? Fault::kBorrowed : Fault::kNone;
}

std::uint64_t Corpus::identity(std::uint64_t unit) const {
  return fault(unit) == Fault::kBorrowed ? random(unit, 1) % unit : unit;
}

const std::vector<std::uint8_t>& Corpus::dump(std::uint64_t unit) {
  const Model& model = models_[random(unit, 2) % models_.size()];
  const std::uint64_t shown = identity(unit);
  made_ = model.dump;
  put_code(made_, model.serial + 2, scrambled(shown), 7);
  const std::uint64_t halves[] = {random(shown, 3), shown * 0x9E3779B97F4A7C15U};
  put(made_, model.uuid, halves, sizeof halves);
  const std::uint8_t version = 0x40 | (made_[model.uuid + 7] & 0x0F),
                     variant = 0x80 | (made_[model.uuid + 8] & 0x3F);
  put(made_, model.uuid + 7, &version, 1);  // at random, as RFC 4122 has it
  put(made_, model.uuid + 8, &variant, 1);
  put_code(made_, model.board + 2, scrambled(unit), 8);
  put_code(made_, model.chassis + 2, scrambled(unit), 7);
  for (const std::size_t module : model.modules) put_code(made_, module, random(unit, 1), 8);
  const std::uint8_t zero = 0;
  switch (fault(unit)) {
    case Fault::kEmptySerial:
      put(made_, model.serial_number, &zero, 1);
      break;
    case Fault::kZeroSerial:
      put(made_, model.serial, "000000000", 9);
      break;
    case Fault::kTemplateUuid:
      put(made_, model.uuid, kTemplate, sizeof kTemplate);
      break;
    case Fault::kBlankBoard:
      put(made_, model.board, "          ", 10);
      break;
    case Fault::kCut:
      made_.resize(made_.size() / 2);
      break;
    case Fault::kBorrowed:
    case Fault::kNone:
      break;
  }
  return made_;
}

std::string Corpus::path(std::uint64_t unit) {
  char text[64];
  std::snprintf(text, sizeof text, "lot-%04llu/unit-%08llu.bin", static_cast<unsigned long long>(unit / 1000),
                static_cast<unsigned long long>(unit));
  return text;
}

}  // namespace dmigate::benchmarks
