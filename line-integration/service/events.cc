#include "line-integration/service/events.h"

namespace dmigate::service {

void Reader::push(Line line) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() < kMost) {
      waiting_.push_back(std::move(line));
    } else {
      ended_ = true;
    }
  }
  wake();
}

Line Reader::pop() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return nullptr;
  Line line = std::move(waiting_.front());
  waiting_.pop_front();
  return line;
}

void Reader::end() {
  ended_ = true;
  wake();
}

void Reader::on_wake(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

void Reader::wake() {
  std::function<void()> wake;
  {
    const std::lock_guard lock(mutex_);
    wake = wake_;
  }
  if (wake) wake();
}

void Hub::add(const std::shared_ptr<Reader>& reader) {
  const std::lock_guard lock(mutex_);
  readers_.push_back(reader);
}

std::vector<std::shared_ptr<Reader>> Hub::there() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Reader>> readers;
  std::erase_if(readers_, [&](const std::weak_ptr<Reader>& each) {
    auto reader = each.lock();
    if (!reader || reader->ended()) return true;
    readers.push_back(std::move(reader));
    return false;
  });
  return readers;
}

void Hub::publish(const std::string& station, const std::string& id, const std::string& event,
                  const std::string& data) {
  Line line;
  for (const auto& reader : there()) {
    if (!reader->wants(station)) continue;
    if (!reader->may_read()) {  // its token was revoked, or its time is over
      reader->end();
      continue;
    }
    if (!line) {
      line =
          std::make_shared<const std::string>("id: " + id + "\nevent: " + event + "\ndata: " + data + "\n\n");
    }
    reader->push(line);
  }
}

std::size_t Hub::readers() { return there().size(); }

void Hub::end_all() {
  for (const auto& reader : there()) reader->end();
}

}  // namespace dmigate::service
