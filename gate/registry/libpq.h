// libpq, loaded when a registry on a server is opened: a program that links it starts 3 ms later.
// https://www.postgresql.org/docs/15/libpq.html
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>

#include "smbios/result.h"

namespace dmigate::gate {

// Its functions that are used here, by their names without PQ.
struct Libpq {
  decltype(&::PQconninfoParse) conninfo_parse;
  decltype(&::PQconninfoFree) conninfo_free;
  decltype(&::PQfreemem) freemem;
  decltype(&::PQconnectStartParams) connect_start_params;
  decltype(&::PQconnectPoll) connect_poll;
  decltype(&::PQfinish) finish;
  decltype(&::PQstatus) status;
  decltype(&::PQsocket) socket;
  decltype(&::PQbackendPID) backend_pid;
  decltype(&::PQerrorMessage) error_message;
  decltype(&::PQsetErrorVerbosity) set_error_verbosity;
  decltype(&::PQsetNoticeReceiver) set_notice_receiver;
  decltype(&::PQparameterStatus) parameter_status;
  decltype(&::PQsetnonblocking) setnonblocking;
  decltype(&::PQsendQueryParams) send_query_params;
  decltype(&::PQsendPrepare) send_prepare;
  decltype(&::PQsendQueryPrepared) send_query_prepared;
  decltype(&::PQenterPipelineMode) enter_pipeline_mode;
  decltype(&::PQpipelineSync) pipeline_sync;
  decltype(&::PQflush) flush;
  decltype(&::PQconsumeInput) consume_input;
  decltype(&::PQisBusy) is_busy;
  decltype(&::PQgetResult) get_result;
  decltype(&::PQclear) clear;
  decltype(&::PQresultStatus) result_status;
  decltype(&::PQresultErrorField) result_error_field;
  decltype(&::PQcmdStatus) cmd_status;
  decltype(&::PQntuples) ntuples;
  decltype(&::PQnfields) nfields;
  decltype(&::PQftype) ftype;
  decltype(&::PQgetisnull) getisnull;
  decltype(&::PQgetlength) getlength;
  decltype(&::PQgetvalue) getvalue;
};

// Stays loaded until the process ends. Fails, naming the package, where it is not installed.
Result<std::shared_ptr<const Libpq>> load_libpq(const char* library = "libpq.so.5");

// Ends what libpq made.
struct LibpqCloser {
  std::shared_ptr<const Libpq> pq;
  void operator()(PGconn* connection) const { pq->finish(connection); }
  void operator()(PGresult* result) const { pq->clear(result); }
};
using PgConnection = std::unique_ptr<PGconn, LibpqCloser>;
using PgResult = std::unique_ptr<PGresult, LibpqCloser>;

}  // namespace dmigate::gate
