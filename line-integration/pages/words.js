// What the pages say, in English and Chinese. Sentences about a unit come from the service.
const table = {
  pass: ['PASS', '合格'],
  fail: ['FAIL', '不合格'],
  error: ['ERROR', '无法判定'],
  observed: ['OBSERVED', '仅观察'],
  running: ['RUNNING', '进行中'],
  waiting: ['WAITING', '等待检查'],
  ready: ['SCAN A UNIT', '请扫描机器'],
  asking: ['ONE MOMENT', '请稍候'],
  lost: ['NO CONNECTION', '连接中断'],
  lostWhy: ['The service does not answer. Nothing may go on: keep every unit here and call the line leader.',
    '服务没有应答。停止作业：所有机器留在本工位，并通知线长。'],
  registryAway: ['NO REGISTRY', '登记库中断'],
  registryWhy: ['The registry does not answer. Nothing may go on: keep every unit here and call the line leader.',
    '登记库没有应答。停止作业：所有机器留在本工位，并通知线长。'],
  outWord: ['LOGGED OUT', '已退出登录'],
  outWhy: ['This screen may not ask any more. Log in again with the station’s token.', '本屏幕已无权查询。请用工位令牌重新登录。'],
  login: ['Log in', '登录'],
  logout: ['Log out', '退出'],
  scan: ['Scan', '扫描'],
  scanHint: ['the serial on the outside of the case', '机箱外侧的序列号'],
  noLabel: ['That was no label. Scan again.', '这不是标签，请重新扫描。'],
  notTaken: ['Not taken: no connection.', '未受理：连接中断。'],
  readyWhy: ['The verdict stands here until the next scan.', '结果会一直显示，直到下一次扫描。'],
  waitingWhy: ['No verdict of the last 15 minutes at this station. Start the unit; the verdict comes by itself.',
    '本工位最近 15 分钟没有该机的结果。请启动机器，结果会自动显示。'],
  runningWhy: ['The command runs on the unit. Do not switch it off.', '机器上的命令正在执行，请勿关机。'],
  pending: ['PENDING', '待验证'],
  pendingWhy: ['Burnt, and not proved yet: reboot the unit, then check it at post-burn.', '已烧录，尚未验证：请重启机器，然后在 post-burn 检查。'],
  passWhy: ['The unit may go on.', '机器可以流转。'],
  more: ['and {n} more', '另有 {n} 项'],
  line: ['Line', '产线'], unit: ['Unit', '机器'], profiles: ['Profiles', '机型规则'], station: ['Station', '工位'],
  find: ['Find a unit', '查找机器'],
  findHint: ['serial, label, UUID, MAC, lot …', '序列号、标签、UUID、MAC、批次…'],
  today: ['Today', '今天'],
  unitsToday: ['units, each once a stage', '台（每工位段计一次）'],
  firstPass: ['first-pass yield', '直通率'],
  stationsNow: ['stations heard in the last 5 minutes', '个工位在最近 5 分钟内有记录'],
  yield: ['Yield by model and stage', '各机型、工位段良率'],
  model: ['Model', '机型'], stage: ['Stage', '工位段'], units: ['Units', '台数'], first: ['First pass', '直通'],
  finally: ['Passed in the end', '最终合格'],
  pareto: ['Findings, the most frequent first', '不良项排行'],
  finding: ['Finding', '不良项'], times: ['Times', '次数'],
  hours: ['Units passed per hour', '每小时合格台数'],
  stations: ['Stations', '工位'], heard: ['Last heard', '最近记录'], passed: ['Passed', '合格'], failed: ['Failed', '不合格'],
  errors: ['Errors', '无法判定'], profile: ['Profile', '规则'], outcome: ['Verdict', '结果'], label: ['Label', '标签'],
  last: ['Last units', '最近的机器'], time: ['Time', '时间'], message: ['First finding', '首要不良项'],
  nothing: ['nothing yet', '暂无'],
  noUnit: ['Nothing is known under this.', '没有查到任何记录。'],
  noUnitYet: ['No unit has passed under this; these visits speak of it.', '尚无机器以此通过；以下记录提到了它。'],
  several: ['Several units are known under this:', '查到多台机器：'],
  claims: ['What it holds', '占用的值'], field: ['Field', '字段'], value: ['Value', '值'], state: ['State', '状态'], since: ['Since', '自'],
  seen: ['What else was seen of it', '其他已见信息'],
  looks: ['As it was when it was last judged', '最近一次检查时的内容'],
  visits: ['Visits and rework', '检查与返修记录'],
  decoded: ['Its table, decoded', 'SMBIOS 表解码'],
  open: ['Held back', '挂起'],
  by: ['by', '操作人'], reason: ['reason', '原因'],
  loadedAt: ['loaded', '加载于'], version: ['Version', '版本'], lint: ['Lint', '检查'], clean: ['clean', '无问题'],
  where: ['At stations', '使用工位'], before: ['What it says otherwise than version {n}', '与版本 {n} 的差异'],
  noBefore: ['No version before it is kept here.', '没有保存更早的版本。'],
  text: ['Text', '原文'], offer: ['A new version', '提交新版本'], send: ['Send it', '提交'],
  sendHint: ['It is taken only if lint has nothing to say and its version is raised.', '仅当检查无问题且版本号提高时才会接受。'],
  taken: ['It is taken, and counts from now on.', '已接受，即刻生效。'],
  token: ['Token', '令牌'], wrong: ['This token is nobody’s.', '令牌无效。'],
  loginHint: ['Scan or paste the token of this station or person.', '请扫描或粘贴工位或人员的令牌。'],
  away: ['The service does not answer; what stands here is old.', '服务没有应答，以下内容已过时。'],
  problem: ['Profiles could not be loaded again; the ones before go on:', '规则重新加载失败，继续使用之前的规则：'],
};

export let language = 'en';

export function setLanguage(to) {
  language = to === 'zh' ? 'zh' : 'en';
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  try { localStorage.setItem('language', language); } catch { /* a browser that keeps nothing */ }
  for (const element of document.querySelectorAll('[data-say]')) element.textContent = say(element.dataset.say);
  for (const element of document.querySelectorAll('[data-hint]')) element.placeholder = say(element.dataset.hint);
}

export function say(name, details = {}) {
  let text = (table[name] ?? [name, name])[language === 'zh' ? 1 : 0];
  for (const [key, value] of Object.entries(details)) text = text.replace(`{${key}}`, value);
  return text;
}

export function firstLanguage(ofService) {
  let kept = null;
  try { kept = localStorage.getItem('language'); } catch { /* as above */ }
  return kept ?? ofService ?? (navigator.language.startsWith('zh') ? 'zh' : 'en');
}
