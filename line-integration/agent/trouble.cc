#include "line-integration/agent/trouble.h"

#include <algorithm>
#include <iterator>

#include "gate/evidence/text.h"
#include "line-integration/agent/agent.h"

namespace dmigate::agent {
namespace {

struct Row {
  Say say;
  ExitStatus status;
  std::string_view english, english_advice, chinese, chinese_advice;
};

constexpr Row kRows[] = {
    {Say::kNoUrl, kExitUsage, "no service is named", "give --url https://HOST:PORT, or url = … in {}",
     "未指定服务地址", "请用 --url https://主机:端口 指定，或在 {} 中写 url = …"},
    {Say::kBadUrl, kExitUsage, "this is no address of a service: {}",
     "write it as https://HOST:PORT, without a path", "服务地址无效：{}",
     "请写成 https://主机:端口，不带路径"},
    {Say::kNoToken, kExitUsage, "the station has no token", "give --token dmg_…, or token = … in {}",
     "本工位没有令牌", "请用 --token dmg_… 指定，或在 {} 中写 token = …"},
    {Say::kBadToken, kExitUsage, "this is no token: it is dmg_ and 43 letters, digits, - and _",
     "copy it whole, as dmigate serve token add printed it", "令牌无效：应为 dmg_ 加 43 个字母、数字、- 或 _",
     "请完整复制 dmigate serve token add 显示的令牌"},
    {Say::kTokenInClear, kExitUsage,
     "the token would go in clear to {}: the answer is bound to it, but whoever listens there has it then",
     "use https://; only where nobody else can listen, say --insecure (insecure = yes)",
     "令牌将以明文发往 {}：应答虽受令牌保护，但线路上的任何人都能取得令牌",
     "请使用 https://；仅在无人能监听的网络中才可加 --insecure（insecure = yes）"},
    {Say::kBadFile, kExitUsage, "the configuration does not hold: {}",
     "each line is url, token, ca, insecure or language, then = and the value, once each", "配置文件无效：{}",
     "每行写一项：url、token、ca、insecure 或 language，加 = 和值，各至多一次"},
    {Say::kNoCommand, kExitUsage, "the command cannot be started: {}",
     "nothing was asked and nothing was started; name a program that is there", "命令无法启动：{}",
     "未询问服务，也未启动任何程序；请指定存在的程序"},
    {Say::kNotRead, kExitError, "this unit could not be read: {}", "nothing was started", "无法读取本机：{}",
     "未启动任何程序"},
    {Say::kNoRandom, kExitError, "the system gave no random numbers", "nothing was started; reboot the unit",
     "系统未提供随机数", "未启动任何程序；请重启本机"},
    {Say::kNotReached, kExitError, "the service cannot be reached: {}",
     "nothing was started; see that the cable is in and the service runs, and call again", "无法连接服务：{}",
     "未启动任何程序；请检查网线和服务，然后重试"},
    {Say::kNoAnswer, kExitError, "the service did not answer: {}",
     "nothing was started; see whether the service runs, and call again", "服务没有应答：{}",
     "未启动任何程序；请检查服务是否运行，然后重试"},
    {Say::kBusy, kExitError, "the service cannot answer now: {}",
     "nothing was started; call again in a while", "服务暂时无法应答：{}", "未启动任何程序；请稍后重试"},
    {Say::kCertificate, kExitError, "the service's certificate does not hold: {}",
     "nothing was started; see the unit's clock, and that ca names the certificate of the service",
     "服务证书无效：{}", "未启动任何程序；请检查本机时钟，并确认 ca 指向该服务的证书"},
    {Say::kNotBound, kExitError,
     "the answer is not bound to the question: what answered does not know this token",
     "nothing was started; find out what answers at {}", "应答与所问不符：应答方不知道本令牌",
     "未启动任何程序；请查明 {} 上是什么在应答"},
    {Say::kTooLarge, kExitError, "the answer is too large to be a verdict",
     "nothing was started; find out what answers at {}", "应答过大，不是判定结果",
     "未启动任何程序；请查明 {} 上是什么在应答"},
    {Say::kNotAVerdict, kExitError, "the answer is no verdict on what was asked: {}",
     "nothing was started; see that service and agent are of one version", "应答不是对所问的判定：{}",
     "未启动任何程序；请确认服务与代理程序版本一致"},
    {Say::kTokenRefused, kExitUsage, "the service does not let this token do that: {}",
     "nothing was started; give this station its own: dmigate serve token add", "服务不接受本令牌：{}",
     "未启动任何程序；请为本工位生成令牌：dmigate serve token add"},
    {Say::kRefused, kExitUsage, "the service refused: {}", "nothing was started", "服务拒绝：{}",
     "未启动任何程序"},
    {Say::kNotPossible, kExitError, "the service cannot do that: {}", "nothing was started; call again",
     "服务无法执行：{}", "未启动任何程序；请重试"},
    {Say::kNotStarted, kExitError, "the command was not started: {}",
     "the service was told that nothing ran; call again", "命令未启动：{}", "已告知服务未运行；请重试"},
    {Say::kEndUntold, kExitError, "the command ended, and the service does not know how: {}",
     "the unit is blocked at every station; a named person looks at it, and says dmigate registry resolve",
     "命令已结束，但服务不知结果：{}",
     "本机在所有工位均被锁定；请由负责人查看，并执行 dmigate registry resolve"},
};

std::string filled(std::string_view text, const std::string& detail) {
  std::string result(text);
  if (const std::size_t at = result.find("{}"); at != result.npos)
    result.replace(at, 2, gate::printable(detail));
  return result;
}

const Row& row_of(Say say) { return *std::ranges::find(kRows, say, &Row::say); }
static_assert(std::size(kRows) == static_cast<std::size_t>(Say::kEndUntold) + 1);

}  // namespace

Told told(const Trouble& trouble, Language language) {
  const Row& row = row_of(trouble.say);
  const bool chinese = language == Language::kChinese;
  const std::string_view advice = chinese ? row.chinese_advice : row.english_advice;
  return {filled(chinese ? row.chinese : row.english, trouble.detail),
          trouble.advice.empty() ? filled(advice, trouble.detail) : gate::printable(trouble.advice)};
}

int exit_status(const Trouble& trouble) { return row_of(trouble.say).status; }

}  // namespace dmigate::agent
