#include "gate/registry/postgres_session.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include "gate/registry/postgres_failure.h"
#include "smbios/utf8.h"

namespace dmigate::gate {
namespace {

// Object ids of types, the same in every server (pg_type.dat).
enum Type : Oid {
  kAny = 0,
  kBool = 16,
  kBytea = 17,
  kName = 19,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kText = 25,
  kVarchar = 1043,
};

constexpr int kBinary = 1;

// As a server takes it: UTF-8 without a NUL.
bool is_well_formed(std::string_view text) {
  if (text.find('\0') != text.npos) return false;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::array<char, 8> big_endian(std::int64_t number) {
  std::array<char, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * (7 - i)));
  }
  return bytes;
}

// Of 1, 2, 4 or 8 bytes, signed.
std::int64_t big_endian(std::string_view bytes) {
  std::uint64_t number = !bytes.empty() && (bytes.front() & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (const char byte : bytes) number = number << 8 | static_cast<std::uint8_t>(byte);
  return static_cast<std::int64_t>(number);
}

}  // namespace

// Parameters as libpq takes them: pointers into the values, which must outlive them.
struct PostgresSession::Encoded {
  explicit Encoded(std::span<const SqlValue> parameters) : numbers(parameters.size()) {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      if (const auto* number = std::get_if<std::int64_t>(&parameters[i])) {
        numbers[i] = big_endian(*number);
        add(kInt8, numbers[i].data(), numbers[i].size());
      } else if (const auto* words = std::get_if<std::string>(&parameters[i])) {
        add(kText, words->data(), words->size());
      } else if (const auto* raw = std::get_if<Blob>(&parameters[i])) {
        add(kBytea, raw->empty() ? "" : reinterpret_cast<const char*>(raw->data()), raw->size());
      } else {
        add(kAny, nullptr, 0);
      }
    }
  }

  void add(Oid type, const char* value, std::size_t length) {
    types.push_back(type);
    values.push_back(value);
    lengths.push_back(static_cast<int>(length));
    formats.push_back(kBinary);
  }

  [[nodiscard]] int count() const { return static_cast<int>(types.size()); }

  // A statement is prepared for the types of its parameters, and NULL has that of its place.
  [[nodiscard]] std::string key(std::string_view statement) const {
    std::string key;
    for (const Oid type : types) key += std::to_string(type) + " ";
    return key += statement;
  }

  std::vector<std::array<char, 8>> numbers;
  std::vector<Oid> types;
  std::vector<const char*> values;
  std::vector<int> lengths, formats;
};

bool wait_for(std::span<pollfd> sockets, Deadline deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Deadline::clock::now()).count();
    const int ready = poll(sockets.data(), sockets.size(), static_cast<int>(std::max<long>(left, 0)));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

PostgresSession::PostgresSession(PgConnection connection, std::string where)
    : connection_(std::move(connection)), pq_(*connection_.get_deleter().pq), where_(std::move(where)) {
  pq_.setnonblocking(connection_.get(), 1);
  pq_.enter_pipeline_mode(connection_.get());
  pq_.set_notice_receiver(
      connection_.get(),
      [](void* self, const PGresult* notice) { static_cast<PostgresSession*>(self)->keep_warning(notice); },
      this);
}

void PostgresSession::keep_warning(const PGresult* notice) {
  const char* severity = pq_.result_error_field(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
  const char* words = pq_.result_error_field(notice, PG_DIAG_MESSAGE_PRIMARY);
  if (severity != nullptr && std::string_view(severity) == "WARNING")
    warning_ = words == nullptr ? severity : words;
}

bool PostgresSession::alive() const { return !late_ && pq_.status(connection_.get()) == CONNECTION_OK; }

Result<Reply> PostgresSession::run(std::span<const SqlStatement> statements, Deadline deadline) {
  reached_last_ = false;
  for (const SqlStatement& statement : statements) {
    for (const SqlValue& parameter : statement.parameters) {
      const auto* words = std::get_if<std::string>(&parameter);
      if (words == nullptr || is_well_formed(*words)) continue;
      return fail("a text for the registry is not in UTF-8, or holds a NUL byte", where_,
                  "correct the value");
    }
  }
  std::vector<std::string*> sent;
  for (const SqlStatement& statement : statements) {
    if (auto done = send(statement, sent); !done) return Failure(done.error());
  }
  if (pq_.pipeline_sync(connection_.get()) == 0) return lost_now();
  Result<Reply> reply;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    if (i + 1 == sent.size()) reached_last_ = reply.has_value();
    auto next = answer(deadline);
    if (!next && !alive()) return next;
    if (!next && sent[i] != nullptr) sent[i]->clear();
    if (reply) reply = std::move(next);
  }
  if (auto done = synchronise(deadline); !done) return Failure(done.error());
  return reply;
}

// Preparing is for what comes again: most statements of a check are run once.
Result<void> PostgresSession::send(const SqlStatement& statement, std::vector<std::string*>& sent) {
  PGconn* const connection = connection_.get();
  const Encoded encoded(statement.parameters);
  const auto [known, first] = statements_.try_emplace(encoded.key(statement.text));
  std::string& name = known->second;
  bool done = true;
  if (!first && name.empty()) {
    name = "dmigate" + std::to_string(++prepared_);
    done = pq_.send_prepare(connection, name.c_str(), statement.text.c_str(), encoded.count(),
                            encoded.types.data()) == 1;
    sent.push_back(&name);
  }
  if (done && name.empty()) {
    done = pq_.send_query_params(connection, statement.text.c_str(), encoded.count(), encoded.types.data(),
                                 encoded.values.data(), encoded.lengths.data(), encoded.formats.data(),
                                 kBinary) == 1;
  } else if (done) {
    done = pq_.send_query_prepared(connection, name.c_str(), encoded.count(), encoded.values.data(),
                                   encoded.lengths.data(), encoded.formats.data(), kBinary) == 1;
  }
  sent.push_back(nullptr);
  return done ? Result<void>() : lost_now();
}

// All of the answer to one of those that were sent, so that the next one's can follow; the first error
// counts.
Result<Reply> PostgresSession::answer(Deadline deadline) {
  warning_.clear();
  std::optional<Result<Reply>> reply;
  for (;;) {
    auto next = next_result(deadline);
    if (!next) return Failure(next.error());
    const PGresult* result = next->get();
    if (result == nullptr) break;
    if (!reply) reply.emplace(Reply{});
    if (!*reply) continue;
    const ExecStatusType status = pq_.result_status(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      *reply = status == PGRES_PIPELINE_ABORTED
                   ? Result<Reply>(
                         fail("nothing was recorded: a statement before it had failed", where_, "try again"))
                   : Result<Reply>(failure_of(result));
      continue;
    }
    (*reply)->tag = pq_.cmd_status(next->get());
    for (int i = 0; *reply && i < pq_.ntuples(result); ++i) {
      auto row = row_of(result, i);
      if (row) {
        (*reply)->rows.push_back(*std::move(row));
      } else {
        *reply = Failure(row.error());
      }
    }
  }
  if (!reply) {  // nothing at all is no answer
    late_ = true;
    return lost_now();
  }
  if (*reply) (*reply)->warning = warning_;
  return *std::move(reply);
}

// What ends the exchange; only then is the session ready for the next one.
Result<void> PostgresSession::synchronise(Deadline deadline) {
  for (;;) {
    auto next = next_result(deadline);
    if (!next) return Failure(next.error());
    const PGresult* result = next->get();
    if (result == nullptr) {
      late_ = true;  // what should have come did not
      return lost_now();
    }
    if (pq_.result_status(result) == PGRES_PIPELINE_SYNC) return {};
  }
}

Result<PgResult> PostgresSession::next_result(Deadline deadline) {
  PGconn* const connection = connection_.get();
  for (;;) {
    const int unsent = pq_.flush(connection);
    if (unsent < 0 || pq_.is_busy(connection) == 0) break;
    const short events = unsent > 0 ? POLLIN | POLLOUT : POLLIN;
    pollfd socket{.fd = pq_.socket(connection), .events = events, .revents = 0};
    if (!wait_for({&socket, 1}, deadline)) {
      late_ = true;
      return late(where_);
    }
    if (pq_.consume_input(connection) == 0) break;
  }
  // Does not wait: the answer is here, or the connection is gone and this says how.
  return PgResult(pq_.get_result(connection), connection_.get_deleter());
}

Failure PostgresSession::failure_of(const PGresult* result) const {
  const char* sqlstate = pq_.result_error_field(result, PG_DIAG_SQLSTATE);
  const char* words = pq_.result_error_field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (sqlstate == nullptr) return lost_now();
  return postgres_failure(sqlstate, words == nullptr ? sqlstate : words, where_);
}

Failure PostgresSession::lost_now() const {
  return lost(first_line(pq_.error_message(connection_.get())), where_);
}

Result<Row> PostgresSession::row_of(const PGresult* result, int row) const {
  Row values;
  for (int i = 0; i < pq_.nfields(result); ++i) {
    const std::string_view bytes(pq_.getvalue(result, row, i),
                                 static_cast<std::size_t>(pq_.getlength(result, row, i)));
    if (pq_.getisnull(result, row, i) == 1) {
      values.emplace_back(std::monostate{});
      continue;
    }
    switch (pq_.ftype(result, i)) {
      case kBool:
      case kInt2:
      case kInt4:
      case kInt8:
        values.emplace_back(big_endian(bytes));
        break;
      case kText:
      case kName:
      case kVarchar:
        values.emplace_back(std::string(bytes));
        break;
      case kBytea:
        values.emplace_back(Blob(bytes.begin(), bytes.end()));
        break;
      default:
        return fail("the registry's server gave a value of a type that a registry has not", where_,
                    "check the URL; dmigate registry init makes a new registry in an empty database");
    }
  }
  return values;
}

}  // namespace dmigate::gate
