// What evidence is written as. Apart from what reads it: the agent writes, and never reads.
#include <boost/json.hpp>

#include "gate/evidence/base64.h"
#include "gate/evidence/evidence.h"
#include "gate/evidence/hardware_json.h"

namespace dmigate::gate {

namespace json = boost::json;

smbios::Bytes table_data(const smbios::Source& source) {
  const smbios::Layout& layout = source.layout();
  if (layout.entry_point.empty()) return source.bytes();
  return source.bytes().subspan(static_cast<std::size_t>(layout.table.data() - source.bytes().data()));
}

std::string to_json(const Evidence& evidence) {
  const smbios::Layout& layout = evidence.source.layout();
  json::object table;
  table["form"] = smbios::form_name(layout.form);
  if (!layout.entry_point.empty()) table["entry_point"] = to_base64(layout.entry_point);
  const smbios::Bytes data = table_data(evidence.source);
  table["data"] = to_base64(data);
  table["sha256"] = to_hex(sha256(data));
  json::object object;
  object["schema"] = kEvidenceSchema;
  if (!evidence.taken.empty()) object["taken"] = evidence.taken;
  if (evidence.boot_id) object["boot_id"] = *evidence.boot_id;
  object["table"] = std::move(table);
  add_hardware(evidence.hardware, object);
  return json::serialize(object) + "\n";
}

}  // namespace dmigate::gate
