#include "profiles/schema.h"

#include <boost/json.hpp>
#include <cstdio>

#include "profiles/draft.h"
#include "profiles/profile.h"
#include "profiles/rule_ids.h"

namespace dmigate::profiles {
namespace {

namespace json = boost::json;
using smbios::Kind;

constexpr std::string_view kSelected = R"(^type-[0-9]{1,3}(\[.+\])?\.[a-z0-9-]+$)";

json::object refer_to(std::string_view name) { return {{"$ref", "#/$defs/" + std::string(name)}}; }

json::object any_of(std::initializer_list<json::value> schemas) {
  return {{"anyOf", json::array(schemas.begin(), schemas.end())}};
}

json::object list_of(json::value items, bool filled = true) {
  json::object list{{"type", "array"}, {"items", std::move(items)}};
  if (filled) list["minItems"] = 1;
  return list;
}

template <typename Names>
json::array names(const Names& all) {
  json::array array;
  for (std::string_view name : all) array.emplace_back(name);
  return array;
}

json::array stage_names() {
  json::array all;
  for (const Stage stage : kAllStages) all.emplace_back(stage_name(stage));
  return all;
}

json::array witness_names() {
  json::array all;
  for (const Witness which : kAllWitnesses) all.emplace_back(witness_name(which));
  return all;
}

// "Type 1, 07h: Serial Number"
std::string place_of(const smbios::Field& field) {
  char offset[8];
  static_cast<void>(std::snprintf(offset, sizeof offset, "%02Xh", field.offset));
  return "Type " + std::to_string(field.type) + ", " + offset + ": " + std::string(field.label);
}

std::string value_name(const smbios::Field& field) { return "value-" + std::string(field.keyword); }

// What stands for a value of the field. YAML makes numbers and truths of texts that look so.
json::object value_of(const smbios::Field& field) {
  if (field.kind == Kind::kUuid) {
    constexpr auto kForm =
        "^[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{12}$";
    return {{"type", "string"}, {"pattern", kForm}};
  }
  return refer_to(field.kind == Kind::kEnum ? value_name(field) : "text");
}

json::object enumeration(const smbios::Field& field) {
  json::array known;
  for (const smbios::EnumValue& value : field.values) {
    known.emplace_back(smbios::enum_key(value.name));
    if (smbios::enum_key(value.name) != value.name) known.emplace_back(value.name);
  }
  return any_of({json::object{{"enum", std::move(known)}}, json::object{{"type", "integer"}},
                 json::object{{"type", "string"}, {"pattern", "^(0x[0-9A-Fa-f]+|[0-9]+)$"}}});
}

class SchemaWriter {
 public:
  json::object write() {
    for (const Shape* shape :
         {&kReferenceShape, &kLabelShape, &kIdentifierShape, &kWithinShape, &kLengthShape, &kStructureShape,
          &kBoundsShape, &kHardwareShape, &kSystemDiskShape, &kDiskSerialShape, &kCountShape, &kClockShape,
          &kBurnShape, &kStageShape, &kWaiverShape}) {
      definitions_[shape->name] = mapping(*shape, nullptr);
    }
    for (const smbios::Field& field : smbios::fields()) {
      if (field.kind == Kind::kEnum) definitions_[value_name(field)] = enumeration(field);
    }
    definitions_["text"] = {{"type", json::array{"string", "number", "boolean"}}};
    definitions_["keyword"] = {{"enum", keywords()}};
    definitions_["rule"] = rule(nullptr);
    definitions_["string-rule"] = rule(smbios::find_field("system-serial-number"));
    json::object schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                        {"title", "dmigate profile"},
                        {"description", "What a model must look like. Made by dmigate profile schema."}};
    for (auto& [key, value] : mapping(kProfileShape, nullptr)) schema[key] = value;
    schema["$defs"] = std::move(definitions_);
    return schema;
  }

 private:
  static json::array keywords() {
    json::array all;
    for (const smbios::Field& field : smbios::fields()) all.emplace_back(field.keyword);
    return all;
  }

  // `field`: whose rule it is, where the values depend on it.
  json::object mapping(const Shape& shape, const smbios::Field* field) {
    json::object properties;
    json::array required;
    json::array some;
    for (const Key& key : shape.keys) {
      json::object stands = schema_of(key, field);
      stands["description"] = key.about;
      properties[key.name] = std::move(stands);
      if (key.required) required.emplace_back(key.name);
      if (some.size() < shape.some) some.push_back(json::object{{"required", json::array{key.name}}});
    }
    json::object object{
        {"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
    if (!required.empty()) object["required"] = std::move(required);
    if (!some.empty()) object["anyOf"] = std::move(some);
    return object;
  }

  // Null: to name a field is a rule already. Without what means nothing for the field's kind.
  json::object rule(const smbios::Field* field) {
    json::object object = mapping(kFieldRuleShape, field);
    object["type"] = json::array{"object", "null"};
    if (field == nullptr) return object;
    json::object& properties = object["properties"].as_object();
    for (const CheckKind check : kAllChecks) {
      if (!goes_with(check, field->kind)) properties.erase(check_name(check));
    }
    if (field->kind != Kind::kString && field->kind != Kind::kUuid) properties.erase("unique");
    return object;
  }

  json::object field_rules() {
    json::object properties;
    for (const smbios::Field& field : smbios::fields()) {
      json::object one = field.kind == Kind::kString ? refer_to("string-rule") : rule(&field);
      one["description"] = place_of(field);
      properties[field.keyword] = std::move(one);
    }
    return {{"type", "object"},
            {"additionalProperties", false},
            {"properties", std::move(properties)},
            {"patternProperties", json::object{{kSelected, refer_to("rule")}}}};
  }

  json::object match() {
    json::object properties;
    for (const smbios::Field& field : smbios::fields()) {
      properties[field.keyword] = any_of({value_of(field), list_of(value_of(field))});
    }
    return {{"type", "object"},
            {"additionalProperties", false},
            {"minProperties", 1},
            {"properties", std::move(properties)}};
  }

  json::object judged() {
    json::array words = names(std::array<std::string_view, 2>{"burn-fields", "structures"});
    for (const Hardware which : kAllHardware) words.emplace_back(hardware_name(which));
    const json::value item = any_of({json::object{{"enum", std::move(words)}}, refer_to("keyword"),
                                     json::object{{"type", "string"}, {"pattern", kSelected}}});
    return any_of({json::object{{"const", "burn-fields"}}, list_of(item)});
  }

  json::object stages(const Key& key) {
    json::object properties;
    for (const Stage stage : kAllStages) {
      properties[stage_name(stage)] = any_of({json::object{{"type", "null"}}, refer_to(key.shape->name)});
    }
    return {{"type", "object"},
            {"additionalProperties", false},
            {"minProperties", 1},
            {"properties", std::move(properties)}};
  }

  // What stands alone, or under `name` in a mapping with more.
  json::object either(const json::object& alone, std::string_view name, const Key& key,
                      const smbios::Field* field) {
    if (key.shape == nullptr) return alone;
    json::object more = mapping(*key.shape, field);
    more["properties"].as_object()[name] = alone;
    return any_of({alone, more});
  }

  json::object schema_of(const Key& key, const smbios::Field* field) {
    json::object text = refer_to("text");
    const json::object value = field == nullptr ? text : value_of(*field);
    switch (key.form) {
      case Form::kText:
        return text;
      case Form::kWord:
        return {{"enum", names(key.words)}};
      case Form::kName:
        return {{"type", "string"}, {"pattern", "^[a-z0-9][a-z0-9._-]{0,63}$"}};
      case Form::kVersion:
        return {{"type", "integer"}, {"minimum", 1}, {"maximum", 999'999'999}};
      case Form::kNumber:
        return {{"type", "integer"}, {"minimum", 0}};
      case Form::kBoolean:
        return {{"type", "boolean"}};
      case Form::kDate:
        return {{"type", "string"}, {"pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}};
      case Form::kDuration:
        return {{"type", "string"}, {"pattern", "^[0-9]+(ms|s|m|h)$"}};
      case Form::kRuleId:
        return {{"enum", waivable()}};
      case Form::kPattern:
        return key.shape == nullptr ? text : any_of({text, mapping(*key.shape, nullptr)});
      case Form::kField:
        return refer_to("keyword");
      case Form::kStage:
        return {{"enum", stage_names()}};
      case Form::kNames:
        return list_of(json::object{{"type", "string"}}, false);
      case Form::kTexts:
        return list_of(text, false);
      case Form::kWitnesses:
        return list_of(json::object{{"enum", witness_names()}}, false);
      case Form::kFields:
        return list_of(refer_to("keyword"));
      case Form::kJudged:
        return judged();
      case Form::kMapping:
        return refer_to(key.shape->name);
      case Form::kMayMapping:
        return any_of({json::object{{"type", "null"}}, refer_to(key.shape->name)});
      case Form::kList:
        return list_of(refer_to(key.shape->name), false);
      case Form::kUnique:
        return any_of({json::object{{"type", "boolean"}}, refer_to(key.shape->name)});
      case Form::kOperand:
        return either(value, "value", key, field);
      case Form::kOperands:
        return either(list_of(value), "values", key, field);
      case Form::kType:
        return {{"type", "integer"}, {"minimum", 0}, {"maximum", 255}};
      case Form::kFieldRules:
        return field_rules();
      case Form::kMatch:
        return match();
      case Form::kIdentifiers:
        return {
            {"type", "object"},
            {"minProperties", 1},
            {"propertyNames", json::object{{"pattern", "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"}}},
            {"additionalProperties", any_of({json::object{{"type", "null"}}, refer_to(key.shape->name)})}};
      case Form::kStages:
        return stages(key);
    }
    return {};
  }

  static json::array waivable() {
    json::array all;
    for (std::string_view id : rule_ids()) {
      if (can_be_waived(id)) all.emplace_back(id);
    }
    return all;
  }

  json::object definitions_;
};

void indent(const json::value& value, std::size_t depth, std::string& out) {
  const auto line = [&](std::size_t levels) { out += "\n" + std::string(2 * levels, ' '); };
  const json::object* object = value.if_object();
  if (object == nullptr || object->empty()) {
    out += json::serialize(value);  // lists stay on one line
    return;
  }
  out += '{';
  bool first = true;
  for (const auto& [key, member] : *object) {
    if (!first) out += ',';
    first = false;
    line(depth + 1);
    out += json::serialize(json::value(key)) + ": ";
    indent(member, depth + 1, out);
  }
  line(depth);
  out += '}';
}

}  // namespace

std::string profile_schema() {
  std::string text;
  indent(SchemaWriter().write(), 0, text);
  return text + "\n";
}

}  // namespace dmigate::profiles
