#include <windows.h>
// windows.h comes first
#include <oleauto.h>
#include <wbemidl.h>

#include <array>
#include <cstdio>
#include <string>
#include <utility>

#include "gate/evidence/text.h"
#include "gate/evidence/wmi.h"
#include "line-integration/capture/windows.h"
#include "line-integration/capture/windows_text.h"

namespace dmigate::line {
namespace {

constexpr LONG kPatience = 30'000;  // ms for each answer

// A COM object, let go at the end.
template <typename T>
class Held {
 public:
  Held() = default;
  ~Held() { let_go(); }
  void let_go() {
    if (object_ != nullptr) std::exchange(object_, nullptr)->Release();
  }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  T** place() { return &object_; }
  T* operator->() const { return object_; }
  [[nodiscard]] T* get() const { return object_; }

 private:
  T* object_ = nullptr;
};

struct Text {  // a BSTR
  explicit Text(const std::wstring& text) : words(::SysAllocString(text.c_str())) {}
  ~Text() { ::SysFreeString(words); }
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;
  BSTR words;
};

struct Value {
  Value() { ::VariantInit(&variant); }
  ~Value() { ::VariantClear(&variant); }
  Value(const Value&) = delete;
  Value& operator=(const Value&) = delete;
  VARIANT variant;
};

std::string failure_text(const char* step, HRESULT result) {
  std::array<char, 128> text{};
  std::snprintf(text.data(), text.size(), "%s: HRESULT 0x%08lX", step, static_cast<unsigned long>(result));
  return text.data();
}

bool is_winpe() {
  HKEY key = nullptr;
  const LSTATUS there =
      ::RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"SYSTEM\\CurrentControlSet\\Control\\MiniNT", 0, KEY_READ, &key);
  if (there == ERROR_SUCCESS) ::RegCloseKey(key);
  return there == ERROR_SUCCESS;
}

// As its tools print it. None: null.
std::optional<std::string> text_of(const VARIANT& value) {
  if (value.vt == VT_NULL || value.vt == VT_EMPTY) return std::nullopt;
  Value text;
  if (FAILED(::VariantChangeType(&text.variant, const_cast<VARIANT*>(&value), 0, VT_BSTR)))
    return std::nullopt;
  const BSTR words = text.variant.bstrVal;
  return words == nullptr ? std::string() : utf8({words, ::SysStringLen(words)});
}

// "{3}"; of numbers.
std::optional<std::string> list_of(const VARIANT& value) {
  SAFEARRAY* array = value.parray;
  VARTYPE type = VT_EMPTY;
  LONG first = 0, last = -1;
  if (array == nullptr || ::SafeArrayGetDim(array) != 1 || FAILED(::SafeArrayGetVartype(array, &type)) ||
      (type != VT_I4 && type != VT_I2 && type != VT_UI1) || FAILED(::SafeArrayGetLBound(array, 1, &first)) ||
      FAILED(::SafeArrayGetUBound(array, 1, &last)))
    return std::nullopt;
  std::string all;
  for (LONG i = first; i <= last; ++i) {
    VARIANT item{};  // of numbers; those of less than its size fill its low end
    ::VariantInit(&item);
    if (FAILED(::SafeArrayGetElement(array, &i, &item.lVal))) return std::nullopt;
    item.vt = type;
    all += (i == first ? "" : ", ") + text_of(item).value_or("");
  }
  return "{" + all + "}";
}

class Wmi {
 public:
  gate::Wmi ask() {
    const HRESULT begun = ::CoInitializeEx(nullptr, COINIT_MULTITHREADED);
    if (FAILED(begun)) return gave_up("CoInitializeEx", begun);
    if (connect()) {
      for (const gate::WmiProperty& property : gate::wmi_properties()) {
        const bool asked = !answer_.answers.empty() &&
                           answer_.answers.back().property.starts_with(std::string(property.wmi_class) + ".");
        if (!asked && !ask_class(property.wmi_class)) break;
      }
    }
    services_.let_go();  // before COM goes
    ::CoUninitialize();
    return answer_;
  }

 private:
  gate::Wmi gave_up(const char* step, HRESULT result) {
    answer_.answers.clear();
    answer_.error = failure_text(step, result);
    return answer_;
  }

  bool connect() {
    ::CoInitializeSecurity(nullptr, -1, nullptr, nullptr, RPC_C_AUTHN_LEVEL_DEFAULT,
                           RPC_C_IMP_LEVEL_IMPERSONATE, nullptr, EOAC_NONE, nullptr);
    Held<IWbemLocator> locator;
    HRESULT result = ::CoCreateInstance(CLSID_WbemLocator, nullptr, CLSCTX_INPROC_SERVER, IID_IWbemLocator,
                                        reinterpret_cast<void**>(locator.place()));
    if (FAILED(result)) return gave_up("WbemLocator", result), false;
    const Text space(L"ROOT\\CIMV2");
    result = locator->ConnectServer(space.words, nullptr, nullptr, nullptr, 0, nullptr, nullptr,
                                    services_.place());
    if (FAILED(result)) return gave_up("ROOT\\CIMV2", result), false;
    ::CoSetProxyBlanket(services_.get(), RPC_C_AUTHN_WINNT, RPC_C_AUTHZ_NONE, nullptr, RPC_C_AUTHN_LEVEL_CALL,
                        RPC_C_IMP_LEVEL_IMPERSONATE, nullptr, EOAC_NONE);
    return true;
  }

  // Every property of the class, of each of its instances; null where it has none.
  bool ask_class(std::string_view name) {
    const Text language(L"WQL"), query(L"SELECT * FROM " + utf16(name));
    Held<IEnumWbemClassObject> found;
    HRESULT result =
        services_->ExecQuery(language.words, query.words,
                             WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY, nullptr, found.place());
    bool any = false;
    while (SUCCEEDED(result)) {
      Held<IWbemClassObject> instance;
      ULONG count = 0;
      result = found->Next(kPatience, 1, instance.place(), &count);
      if (FAILED(result) || result == static_cast<HRESULT>(WBEM_S_TIMEDOUT)) break;
      if (count == 0) break;
      any = true;
      read_instance(name, instance.get());
    }
    if (FAILED(result) || result == static_cast<HRESULT>(WBEM_S_TIMEDOUT))
      return gave_up(std::string(name).c_str(), result), false;
    if (!any) read_instance(name, nullptr);
    return true;
  }

  void read_instance(std::string_view name, IWbemClassObject* instance) {
    for (const gate::WmiProperty& property : gate::wmi_properties()) {
      if (property.wmi_class != name) continue;
      Value value;
      const bool got = instance != nullptr && SUCCEEDED(instance->Get(utf16(property.name).c_str(), 0,
                                                                      &value.variant, nullptr, nullptr));
      const bool list = got && (value.variant.vt & VT_ARRAY) != 0;
      std::optional<std::string> text = list  ? list_of(value.variant)
                                        : got ? text_of(value.variant)
                                              : std::nullopt;
      answer_.answers.push_back({std::string(name) + "." + std::string(property.name), std::move(text)});
    }
  }

  gate::Wmi answer_;
  Held<IWbemServices> services_;
};

}  // namespace

std::optional<gate::Wmi> capture_wmi() {
  if (is_winpe()) return std::nullopt;
  return Wmi().ask();
}

}  // namespace dmigate::line
