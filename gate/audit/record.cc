#include "gate/audit/record.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <limits>
#include <system_error>

namespace dmigate::gate::audit {
namespace {

constexpr std::size_t kRecordBuffer = std::size_t{1} << 20;
constexpr std::uint8_t kNone = 0xFF;
constexpr std::uint8_t kLong = 0xFF;

template <typename Number>
void put(Number number, std::string& out) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  out.append(bytes, sizeof number);
}

// Most are short: one byte says how long, or that four behind it do.
void put(std::string_view text, std::string& out) {
  const auto size = static_cast<std::uint32_t>(
      std::min<std::size_t>(text.size(), std::numeric_limits<std::uint32_t>::max()));
  put(static_cast<std::uint8_t>(std::min<std::uint32_t>(size, kLong)), out);
  if (size >= kLong) put(size, out);
  out.append(text.substr(0, size));
}

Failure no_spill(const std::string& folder, int error) {
  return fail("what is kept of the units cannot be written (" + std::generic_category().message(error) + ")",
              folder, "free some space there, or name another folder in TMPDIR");
}

}  // namespace

void encode_head(const Record& record, std::string& out) {
  put(static_cast<std::uint8_t>(record.kind), out);
  put(static_cast<std::uint8_t>(record.outcome), out);
  put(record.enforced ? static_cast<std::uint8_t>(*record.enforced) : kNone, out);
  put(record.model, out);
  put(static_cast<std::uint8_t>(record.cards_known), out);
  put(static_cast<std::uint32_t>(record.briefs.size()), out);
  for (const Brief& brief : record.briefs) {
    put(static_cast<std::uint16_t>(brief.say), out);
    put(static_cast<std::uint8_t>(brief.severity), out);
    put(static_cast<std::uint8_t>(brief.unjudged), out);
    put(brief.keyword, out);
  }
  put(record.words, out);
}

void encode_tail(std::string_view path, std::span<const Shown> values, std::string& out) {
  put(path, out);
  put(static_cast<std::uint32_t>(values.size()), out);
  for (const Shown& value : values) {
    for (const std::string_view text : {value.keyword, value.value, value.scope, value.key}) put(text, out);
    put(static_cast<std::uint8_t>(value.second), out);
    put(static_cast<std::uint8_t>(value.witness), out);
  }
}

template <typename Number>
Number RecordReader::number() {
  Number number{};
  if (rest_.size() < sizeof number) {  // never of what was encoded
    rest_ = {};
    return number;
  }
  std::memcpy(&number, rest_.data(), sizeof number);
  rest_.remove_prefix(sizeof number);
  return number;
}

std::string_view RecordReader::text() {
  const auto first = number<std::uint8_t>();
  const std::uint32_t size = first == kLong ? number<std::uint32_t>() : first;
  const std::string_view text = rest_.substr(0, size);
  rest_.remove_prefix(text.size());
  return text;
}

bool RecordReader::next(Record& record) {
  if (rest_.empty()) return false;
  const std::string_view encoded = rest_;
  record.kind = static_cast<Kind>(number<std::uint8_t>());
  record.outcome = static_cast<Outcome>(number<std::uint8_t>());
  const auto enforced = number<std::uint8_t>();
  record.enforced = enforced == kNone ? std::nullopt : std::optional(static_cast<Outcome>(enforced));
  record.model = number<std::uint16_t>();
  record.cards_known = number<std::uint8_t>() != 0;
  briefs_.resize(number<std::uint32_t>());
  for (Brief& brief : briefs_) {
    brief.say = static_cast<Say>(number<std::uint16_t>());
    brief.severity = static_cast<Severity>(number<std::uint8_t>());
    brief.unjudged = number<std::uint8_t>() != 0;
    brief.keyword = text();
  }
  record.words = text();
  record.head = encoded.substr(0, encoded.size() - rest_.size());
  record.path = text();
  values_.resize(number<std::uint32_t>());
  for (Shown& value : values_) {
    for (std::string_view* each : {&value.keyword, &value.value, &value.scope, &value.key}) *each = text();
    value.second = number<std::uint8_t>() != 0;
    value.witness = number<std::uint8_t>() != 0;
  }
  record.briefs = briefs_;
  record.values = values_;
  return true;
}

Spill::~Spill() {
  if (file_ >= 0) ::close(file_);
}

Result<void> Spill::open(const std::string& folder) {
  folder_ = folder;
  file_ = ::open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file_ < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {  // a file system that cannot do without a name
    std::string name = folder_ + "/dmigate-audit-XXXXXX";
    file_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (file_ >= 0) ::unlink(name.c_str());
  }
  if (file_ < 0) return no_spill(folder_, errno);
  buffer_.reserve(kRecordBuffer);
  return {};
}

std::uint64_t Spill::append(std::string_view bytes) {
  if (buffer_.size() + bytes.size() > kRecordBuffer) write_buffer();
  buffer_.append(bytes);
  size_ += bytes.size();
  return size_ - bytes.size();
}

int write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

void Spill::write_buffer() {
  if (failed_ == 0) failed_ = write_all(file_, buffer_);
  buffer_.clear();
}

Result<void> Spill::flush() {
  write_buffer();
  if (failed_ != 0) return no_spill(folder_, failed_);
  return {};
}

Result<void> Spill::read(std::uint64_t offset, std::size_t size, std::string& bytes) const {
  bytes.resize(size);
  for (std::size_t done = 0; done < size;) {
    const ssize_t got = ::pread(file_, bytes.data() + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return no_spill(folder_, got < 0 ? errno : EIO);
    done += static_cast<std::size_t>(got);
  }
  return {};
}

}  // namespace dmigate::gate::audit
