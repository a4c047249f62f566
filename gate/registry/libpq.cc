#include "gate/registry/libpq.h"

#include <dlfcn.h>

namespace dmigate::gate {
namespace {

class Loading {
 public:
  explicit Loading(const char* library) : handle_(dlopen(library, RTLD_NOW | RTLD_LOCAL)) {}

  template <typename Function>
  Loading& take(const char* name, Function& function) {
    function = handle_ == nullptr ? nullptr : reinterpret_cast<Function>(dlsym(handle_, name));
    whole_ = whole_ && function != nullptr;
    return *this;
  }
  [[nodiscard]] bool whole() const { return whole_; }

 private:
  void* handle_;
  bool whole_ = true;
};

}  // namespace

Result<std::shared_ptr<const Libpq>> load_libpq(const char* library) {
  auto pq = std::make_shared<Libpq>();
  Loading loading(library);
  loading.take("PQconninfoParse", pq->conninfo_parse)
      .take("PQconninfoFree", pq->conninfo_free)
      .take("PQfreemem", pq->freemem)
      .take("PQconnectStartParams", pq->connect_start_params)
      .take("PQconnectPoll", pq->connect_poll)
      .take("PQfinish", pq->finish)
      .take("PQstatus", pq->status)
      .take("PQsocket", pq->socket)
      .take("PQbackendPID", pq->backend_pid)
      .take("PQerrorMessage", pq->error_message)
      .take("PQsetErrorVerbosity", pq->set_error_verbosity)
      .take("PQsetNoticeReceiver", pq->set_notice_receiver)
      .take("PQparameterStatus", pq->parameter_status)
      .take("PQsetnonblocking", pq->setnonblocking)
      .take("PQsendQueryParams", pq->send_query_params)
      .take("PQsendPrepare", pq->send_prepare)
      .take("PQsendQueryPrepared", pq->send_query_prepared)
      .take("PQenterPipelineMode", pq->enter_pipeline_mode)
      .take("PQpipelineSync", pq->pipeline_sync)
      .take("PQflush", pq->flush)
      .take("PQconsumeInput", pq->consume_input)
      .take("PQisBusy", pq->is_busy)
      .take("PQgetResult", pq->get_result)
      .take("PQclear", pq->clear)
      .take("PQresultStatus", pq->result_status)
      .take("PQresultErrorField", pq->result_error_field)
      .take("PQcmdStatus", pq->cmd_status)
      .take("PQntuples", pq->ntuples)
      .take("PQnfields", pq->nfields)
      .take("PQftype", pq->ftype)
      .take("PQgetisnull", pq->getisnull)
      .take("PQgetlength", pq->getlength)
      .take("PQgetvalue", pq->getvalue);
  if (!loading.whole()) {
    const char* why = dlerror();
    return fail("libpq, which speaks with the registry's server, cannot be loaded (" +
                    std::string(why == nullptr ? library : why) + ")",
                {}, "install the package libpq5");
  }
  return pq;
}

}  // namespace dmigate::gate
