#include "gate/judge/phrases.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <vector>

namespace dmigate::gate {
namespace {

constexpr Phrase kSentences[] = {
    // smbios: opening and recognising a table
    {"this machine's SMBIOS table cannot be read: {*cause}", "无法读取本机的 SMBIOS 表：{*cause}"},
    {"judge the unit from a dump file", "请改用导出文件检查"},
    {"the table's size changed while it was read", "读取过程中表的大小发生变化"},
    {"read it again", "请重新读取"},
    {"the file ends inside its entry point {anchor}", "文件在入口点 {anchor} 内中断"},
    {"read the table again, for instance with dmigate dump FILE",
     "请重新读取 SMBIOS 表，例如用 dmigate dump FILE"},
    {"no structure table after the entry point {anchor}", "入口点 {anchor} 之后没有结构表"},
    {"a lone smbios_entry_point is read with its folder, which must also hold DMI",
     "单独的 smbios_entry_point 须连同其文件夹读取，文件夹中还须有 DMI"},
    {"larger than 64 MiB: no SMBIOS table", "大于 64 MiB：不是 SMBIOS 表"},
    {"check the path", "请检查路径"},
    {"cannot be read: input/output error", "无法读取：输入/输出错误"},
    {"cannot be opened: {*cause}", "无法打开：{*cause}"},
    {"unknown cause", "原因未知"},
    {"check the path; the tables of a live machine can be read by root only",
     "请检查路径；本机的 SMBIOS 表只有 root 可读"},
    {"the file is empty", "文件是空的"},
    {"not an SMBIOS table", "不是 SMBIOS 表"},
    {"give a dump of dmidecode, its text, a raw table, or a folder with smbios_entry_point and DMI",
     "请给出 dmidecode 的导出文件或文本、原始表，或含有 smbios_entry_point 和 DMI 的文件夹"},
    {"smbios_entry_point holds no entry point", "smbios_entry_point 中没有入口点"},
    {"DMI is empty", "DMI 是空的"},
    {"DMI holds no structure table", "DMI 中没有结构表"},
    {"missing", "文件不存在"},
    {"a folder must hold smbios_entry_point and DMI", "文件夹中须有 smbios_entry_point 和 DMI"},
    {"it is compressed twice", "文件被压缩了两次"},
    {"unpack it once", "请先解压一次"},
    {"the {name} file is {*how}", "{name} 文件{*how}"},
    {"damaged", "已损坏"},
    {"cut off", "不完整"},
    {"copy it again from where it was made", "请从原处重新复制"},
    {"no memory to unpack the file", "内存不足，无法解压文件"},
    {"it unpacks to more than {most} MiB: no SMBIOS table", "解压后超过 {most} MiB：不是 SMBIOS 表"},
    {"check the file", "请检查该文件"},
    {"not a compressed file", "不是压缩文件"},
    {"{name} files are not read on this system", "本系统不能读取 {name} 文件"},
    {"unpack it first", "请先解压"},
    {"line {number} of dmidecode's text: {*what}", "dmidecode 文本第 {number} 行：{*what}"},
    {"a structure after the end of the table: several units in one text",
     "结束标记之后还有结构：一份文本中有多台机器"},
    {"an impossible length", "结构长度无效"},
    {"a structure without an empty line before it: lines were lost, or put in",
     "结构之前没有空行：有行丢失或被插入"},
    {"a second beginning: several units in one text", "出现第二个开头：一份文本中有多台机器"},
    {"a header's or data's byte is missing", "缺少结构头或数据的字节"},
    {"the bytes are not those that the handle line announces", "字节与句柄行的声明不符"},
    {"a string's byte is missing", "缺少字符串的字节"},
    {"a NUL inside a string", "字符串中有 NUL 字节"},
    {"an empty string", "有空字符串"},
    {"a structure without values, or its lines' depths are lost", "结构没有值，或缩进已丢失"},
    {"a value twice in the structure before this line", "此行之前的结构中有重复的值"},
    {"larger than any text of dmidecode (4 MiB)", "大于任何 dmidecode 文本（4 MiB）"},

    // evidence
    {"its table is not the one of {source}: it belongs to another unit, or another boot",
     "其中的表与 {source} 不一致：属于另一台机器，或另一次启动"},
    {"take the evidence of this unit again", "请重新采集本机的证据文件"},
    {"\"{key}\" is not a string", "“{key}”不是字符串"},
    {"\"{key}\" is not base64", "“{key}”不是 base64"},
    {"\"table\" is not an object", "“table”不是对象"},
    {"\"table\" has an unknown member \"{key}\"", "“table”中有未知成员“{key}”"},
    {"\"table\" has no \"data\"", "“table”中没有“data”"},
    {"the table's bytes do not have the SHA-256 that is stated: the file was changed",
     "表的内容与所记 SHA-256 不符：文件被改动过"},
    {"this is not an evidence file (not a JSON object)", "这不是证据文件（不是 JSON 对象）"},
    {"unknown member \"{key}\"", "有未知成员“{key}”"},
    {"its schema is not dmigate.evidence/1", "其 schema 不是 dmigate.evidence/1"},
    {"take the evidence again with dmigate evidence", "请用 dmigate evidence 重新采集证据文件"},
    {"take it again with dmidecode -u, or better with dmigate dump FILE",
     "请用 dmidecode -u 重新获取，最好用 dmigate dump FILE"},
    {"\"boot_id\" is empty", "“boot_id”是空的"},
    {"it has no \"table\"", "其中没有“table”"},
    {"it is too large to be evidence", "文件过大，不是证据文件"},
    {"it cannot be read", "无法读取"},
    {"check the medium", "请检查存储介质"},
    {"the file cannot be opened", "无法打开文件"},
    {"check its name and permissions", "请检查文件名和权限"},
    {"its table is not the one in the folder's DMI file", "其中的表与文件夹中的 DMI 文件不一致"},
    {"run as root: the kernel shows the table to nobody else", "请以 root 运行：内核只允许 root 读取该表"},
    {"see that sysfs is mounted on /sys; where it is, this kernel found no SMBIOS table (not a PC, a "
     "virtual machine without one, a container): judge the unit from a dump file",
     "请确认 sysfs 已挂载到 /sys；若已挂载，则内核没有找到 SMBIOS 表（不是 "
     "PC、虚拟机没有该表，或在容器中）：请"
     "改用导出文件检查"},
    {"read again; if it stays so, look at the kernel's log (dmesg)",
     "请重新读取；若仍如此，请查看内核日志（dmesg）"},

    {"a member stands in it twice", "其中有成员重复"},
    {"this is a hardware inventory, and has no SMBIOS table", "这是硬件清单，没有 SMBIOS 表"},
    {"give it with --evidence, beside the unit's table", "请用 --evidence 与本机的表一同给出"},
    {"the evidence does not say what the unit's clock was: a reference says nothing of it",
     "证据中没有本机时钟的时间：给出参考时间也无从比较"},
    {"take the evidence again with dmigate evidence, and the reference there",
     "请用 dmigate evidence 重新采集，并在采集时给出参考时间"},
    {"the evidence has a reference already, taken when the unit's clock was read",
     "证据中已有参考时间，是读取本机时钟时取得的"},
    {"leave out --reference, or take the evidence again", "请去掉 --reference，或重新采集证据"},
    {"nobody is named whose clock the reference is", "没有说明参考时间来自哪里"},
    {"name it with --reference-from, such as ntp", "请用 --reference-from 说明，例如 ntp"},
    {"\"{key}\" is not a list", "“{key}”不是列表"},
    {"\"{key}\" names one thing twice", "“{key}”中有重复项"},
    {"\"system_disk\" is no name", "“system_disk”不是名称"},
    {"\"{path}\" {*what}", "“{path}”{*what}"},
    {"has a \"{key}\" that is neither true nor false", "的“{key}”不是 true 或 false"},
    {"has no \"{key}\"", "没有“{key}”"},
    {"has a \"{key}\" that is no number of bytes", "的“{key}”不是字节数"},
    {"has an unknown \"{key}\"", "的“{key}”不是已知值"},
    {"is not an object", "不是对象"},
    {"has a \"{key}\" that is not a string", "的“{key}”不是字符串"},
    {"has an empty \"{key}\"", "的“{key}”是空的"},
    {"has a \"{key}\" that is no instant", "的“{key}”不是时刻"},
    {"has a \"mac\" that is no address", "的“mac”不是有效地址"},
    {"has no \"at\"", "没有“at”"},
    {"has a reference without \"from\", or the reverse", "的参考时间与“from”须同时给出"},
    {"has an unknown \"keyword\"", "的“keyword”不是已知字段"},
    {"has no list \"{key}\"", "没有列表“{key}”"},
    {"has an unknown member \"{key}\"", "有未知成员“{key}”"},
    {"take the inventory of this unit again with the OA3 tool", "请用 OA3 工具重新采集本机的硬件清单"},
    {"its XML ends at byte {offset}: {problem}", "XML 在第 {offset} 字节处中断：{problem}"},
    {"its XML has no HardwareInventory", "XML 中没有 HardwareInventory"},
    {"it is of several units", "其中有多台机器"},
    {"it does not say of which unit it is: it has no SmbiosSystemSerialNumber and no SmbiosUuid",
     "没有说明属于哪台机器：既无 SmbiosSystemSerialNumber，也无 SmbiosUuid"},
    {"{key} stands in it twice: it is of several units", "{key} 出现两次：其中有多台机器"},
    {"{key} stands in it twice, with different values", "{key} 出现两次，且值不同"},
    {"its InternalDiskCount stands in it twice", "InternalDiskCount 出现两次"},
    {"its InternalDiskCount is smaller than the number of internal disks in it",
     "InternalDiskCount 小于其中列出的内置硬盘数"},
    {"its InternalDiskCount is no number of disks", "InternalDiskCount 不是硬盘数量"},
    {"a MacAddress in it is no address", "其中的 MacAddress 不是有效地址"},
    {"it is too large to be an inventory", "文件过大，不是硬件清单"},
    {"it is no text", "不是文本"},
    {"save what `wmic CLASS get /value` or Get-CimInstance prints, or JSON, as docs/evidence.md says",
     "请保存 `wmic CLASS get /value` 或 Get-CimInstance 的输出，或 JSON，格式见 docs/evidence.md"},
    {"no answer of WMI is in it", "其中没有 WMI 的应答"},
    {"it does not say of which class \"{name}\" is", "没有说明“{name}”属于哪个类"},
    {"what is said of {class} is no object", "{class} 的内容不是对象"},
    {"it is no JSON object", "不是 JSON 对象"},
    {"\"{class}\" is no class that is known", "“{class}”不是已知的类"},
    {"it is too large to be WMI's answers", "文件过大，不是 WMI 的应答"},
    {"--reference takes an instant such as 2026-11-20T05:00:00Z, not \"{text}\"",
     "--reference 须为时刻，如 2026-11-20T05:00:00Z，不能是“{text}”"},

    // the registry
    {"a unit that was not judged was handed over as good", "未判定的机器被当作合格提交"},
    {"this is a fault of dmigate: tell its makers", "这是 dmigate 的缺陷：请告知开发者"},
    {"the open record of this unit was ended by somebody else while the command ran",
     "命令执行期间，本机未关闭的记录被他人结束"},
    {"find out who resolved it (dmigate registry status), and start this stage again",
     "请查明是谁处理的（dmigate registry status），然后重新执行本工位"},
    {"no unit is known by this", "没有机器与此对应"},
    {"dmigate registry status lists what is open", "dmigate registry status 可列出未关闭的记录"},
    {"several units are known by this", "有多台机器与此对应"},
    {"name the unit by its id (dmigate registry lookup)", "请用机器的 id 指定（dmigate registry lookup）"},
    {"nothing is open at this unit", "本机没有未关闭的记录"},
    {"there is nothing to resolve", "无需处理"},
    {"its burn has failed already", "其烧录已记为失败"},
    {"reboot it and check it at post-burn, or burn it again", "请重启后在 post-burn 工位检查，或重新烧录"},
    {"the registry and its -wal do not belong together: it was restored or replaced beside it",
     "登记库与其 -wal 文件不匹配：登记库被恢复或替换过"},
    {"move {path}-wal and {path}-shm away, keep them, and try again",
     "请将 {path}-wal 和 {path}-shm 移到别处并保留，然后重试"},
    {"the registry is damaged: what was to be burnt cannot be read", "登记库已损坏：无法读取待烧录的值"},
    {"restore it from its backup; do not delete it", "请从备份恢复；不要删除"},
    {"this database is no dmigate registry", "该数据库不是 dmigate 登记库"},
    {"check the path; dmigate registry init makes a new one",
     "请检查路径；新建登记库用 dmigate registry init"},
    {"this registry has schema version {found}, this dmigate knows version {known}",
     "该登记库的结构版本为 {found}，本版 dmigate 支持版本 {known}"},
    {"use the dmigate that wrote it, or a newer one", "请使用写入它的 dmigate，或更新的版本"},
    {"version {version} of this profile is older than version {seen}, which this registry has seen",
     "该机型配置为版本 {version}，早于登记库已见过的版本 {seen}"},
    {"give the station the newest profile", "请为本站换上最新的机型配置"},
    {"this profile was changed, but is still called version {version}",
     "该机型配置已改动，但版本号仍为 {version}"},
    {"raise its version", "请提高其版本号"},
    {"the registry failed: {words}", "登记库出错：{words}"},
    {"call the test engineer", "请联系测试工程师"},
    {"the registry is locked by another process", "登记库正被另一进程锁定"},
    {"wait for that process to end, or raise registry_timeout", "请等待该进程结束，或调大 registry_timeout"},
    {"wait for that process to end", "请等待该进程结束"},
    {"this is no registry (not an SQLite database)", "这不是登记库（不是 SQLite 数据库）"},
    {"the registry is damaged", "登记库已损坏"},
    {"the disk that holds the registry is full", "登记库所在磁盘已满"},
    {"free space there", "请清理磁盘空间"},
    {"the registry cannot be written (read-only)", "登记库不可写（只读）"},
    {"check the permissions of the file and its folder", "请检查文件及其文件夹的权限"},
    {"the registry cannot be opened", "无法打开登记库"},
    {"the disk that holds the registry failed", "登记库所在磁盘出错"},
    {"check the disk", "请检查磁盘"},
    {"the registry cannot be kept in WAL mode", "登记库无法使用 WAL 模式"},
    {"put it on a local disk", "请将其放在本地磁盘上"},
    {"the registry's folder is not there", "登记库所在的文件夹不存在"},
    {"a registry does not belong on {name}: {*why}", "登记库不得放在 {name} 上：{*why}"},
    {"it is in memory and forgets everything at the next boot", "它在内存中，重启后内容全部丢失"},
    {"an overlay may be in memory and forget everything at the next boot",
     "overlay 可能在内存中，重启后内容全部丢失"},
    {"locks on a share do not hold", "共享目录上的文件锁无效"},
    {"locks on a share may not hold", "共享目录上的文件锁可能无效"},
    {"put it on a local disk, or say allow_registry_on: [{name}] in station.yaml",
     "请将其放在本地磁盘上，或在 station.yaml 中写 allow_registry_on: [{name}]"},
    {"there is no registry here", "此处没有登记库"},
    {"this is no registry (not a file)", "这不是登记库（不是文件）"},
    {"this is no registry (the file is empty)", "这不是登记库（文件是空的）"},
    {"restore it from its backup", "请从备份恢复"},
    {"there is a file here already", "此处已有文件"},
    {"the registry cannot be made here", "无法在此处新建登记库"},
    {"nothing was changed; use it as it is, or choose another path",
     "未作任何改动；请直接使用，或换一个路径"},
    {"check that the folder exists and can be written", "请确认文件夹存在且可写"},
    {"no registry is kept there", "登记库不能放在那里"},
    {"name a file, or a server as postgresql://USER@HOST/DATABASE",
     "请指定文件，或用 postgresql://USER@HOST/DATABASE 指定服务器"},
    {"there is no registry to work on", "没有可操作的登记库"},
    {"name one with --registry", "请用 --registry 指定"},

    // a registry on a server
    {"libpq, which speaks with the registry's server, cannot be loaded ({*why})",
     "无法加载与登记服务器通信的 libpq（{*why}）"},
    {"install the package libpq5", "请安装软件包 libpq5"},
    {"this URL of a registry cannot be read", "无法识别登记库的 URL"},
    {"write postgresql://USER@HOST:PORT/DATABASE, and what is special in it as %XX (@ is %40)",
     "请写成 postgresql://USER@HOST:PORT/DATABASE，其中的特殊字符写成 %XX（@ 写成 %40）"},
    {"the registry's server cannot be reached ({*why})", "无法连接登记服务器（{*why}）"},
    {"see that it runs, and that its address and port are right", "请确认服务器在运行，且地址和端口正确"},
    {"the connection to the registry's server was lost", "与登记服务器的连接中断"},
    {"the connection to the registry's server was lost ({*why})", "与登记服务器的连接中断（{*why}）"},
    {"see that it runs and the network holds", "请确认服务器在运行、网络正常"},
    {"the registry's server did not answer in time", "登记服务器未及时应答"},
    {"see that it runs and is not overloaded, or raise registry_timeout",
     "请确认服务器在运行且未过载，或调大 registry_timeout"},
    {"it is not known whether this was recorded: {*why}", "不确定是否已登记：{*why}"},
    {"see that the standbys run, and try again", "请确认备用服务器在运行，然后重试"},
    {"nothing was recorded: a statement before it had failed", "未登记：此前有语句失败"},
    {"nothing was begun that could be committed", "没有可提交的事务"},
    {"try again", "请重试"},
    {"another station's transaction was in the way", "与另一站的登记冲突"},
    {"the registry's server takes no more connections", "登记服务器不再接受连接"},
    {"raise its max_connections, or end what holds them", "请调大其 max_connections，或结束占用连接的程序"},
    {"the registry's server is short of memory or disk", "登记服务器内存或磁盘不足"},
    {"read its log", "请查看其日志"},
    {"the registry's server cannot be written (read-only)", "登记服务器不可写（只读）"},
    {"name the primary in the URL, or all servers, with commas between them",
     "请在 URL 中写主服务器，或写出全部服务器，以逗号分隔"},
    {"the registry's server refuses this user", "登记服务器拒绝该用户"},
    {"check user and password, and pg_hba.conf of the server",
     "请检查用户名和密码，以及服务器的 pg_hba.conf"},
    {"there is no such database on the registry's server", "登记服务器上没有该数据库"},
    {"check the URL; a new database is made with createdb -E UTF8 -T template0 NAME",
     "请检查 URL；新建数据库用 createdb -E UTF8 -T template0 NAME"},
    {"the database has no such table", "数据库中没有该表"},
    {"the database has no such column", "数据库中没有该列"},
    {"check the URL; dmigate registry init makes a new registry in an empty database",
     "请检查 URL；在空数据库中新建登记库用 dmigate registry init"},
    {"the database has a table of this name already", "数据库中已有同名的表"},
    {"the database has a table `registry` already", "数据库中已有表 `registry`"},
    {"nothing was changed; use it as it is, or choose another database",
     "未作任何改动；请直接使用，或换一个数据库"},
    {"the database is not in UTF-8", "数据库不是 UTF-8 编码"},
    {"make one that is: createdb -E UTF8 -T template0 NAME", "请新建：createdb -E UTF8 -T template0 NAME"},
    {"the user lacks a right in the database", "该用户在数据库中缺少权限"},
    {"grant what docs/registry.md names", "请按 docs/registry.md 授权"},
    {"the registry's server is starting or stopping", "登记服务器正在启动或停止"},
    {"wait until it runs, and try again", "请待其运行后重试"},
    {"the database cannot hold these characters", "数据库无法保存这些字符"},
    {"make it anew in UTF-8 (createdb -E UTF8 -T template0 NAME)",
     "请以 UTF-8 重建（createdb -E UTF8 -T template0 NAME）"},
    {"the registry's server forgets at a loss of power (fsync is off)",
     "登记服务器断电会丢失数据（fsync 已关闭）"},
    {"set fsync = on in its postgresql.conf", "请在其 postgresql.conf 中设 fsync = on"},
    {"a text for the registry is not in UTF-8, or holds a NUL byte",
     "写入登记库的文本不是 UTF-8，或含有 NUL 字节"},
    {"the registry's server gave a value of a type that a registry has not",
     "登记服务器返回了登记库没有的数据类型"},

    // registry verify, resolve, status, lookup
    {"records {first} to {last} are missing", "缺少记录 {first} 至 {last}"},
    {"its content was changed", "内容被改动过"},
    {"its content cannot be read", "内容无法读取"},
    {"it stands in another record's place", "占用了另一条记录的位置"},
    {"it does not follow the record before it", "与前一条记录不衔接"},
    {"its columns do not say what its content says", "各列与内容不一致"},
    {"open {kind} of {unit}", "{unit} 未关闭的 {kind}"},
    {"no record explains it", "没有记录可说明其来源"},
    {"the journal has it, and nothing holds the unit back", "日志中有，但该机未被锁定"},
    {"visit {visit} has an unknown change \"{op}\"", "第 {visit} 次过站有未知的变更“{op}”"},
    {"claim {id}", "登记项 {id}"},
    {"claim {keyword} {value}", "登记项 {keyword} {value}"},
    {"claim {id} of {unit}", "{unit} 的登记项 {id}"},
    {"the journal gives it to {unit} and to {other}", "日志中它同时属于 {unit} 和 {other}"},
    {"its columns do not say what the journal says: {keyword} {value}",
     "各列与日志不一致：{keyword} {value}"},
    {"the journal gives it to {unit}", "日志中它属于 {unit}"},
    {"it is {state}, the journal says {told}", "其状态为 {state}，日志中为 {told}"},
    {"the journal has it, the claims do not", "日志中有，登记项中没有"},
    {"resolved: the {kind} of {unit} at {station} ({since}); what it wrote is not known: reboot and check at "
     "post-burn, or burn again",
     "已处理：{unit} 在 {station} 的 {kind}（{since}）；写入内容未知：请重启后在 post-burn "
     "工位检查，或重新烧录"},
    {"resolved: the {kind} of {unit} at {station} ({since}); the stage {stage} was not passed: run it again",
     "已处理：{unit} 在 {station} 的 {kind}（{since}）；{stage} 工位未通过：请重新执行"},

    {"recorded: the parts of {unit} were exchanged; it starts again at its first stage",
     "已登记：{unit} 的部件已更换；须从第一个工位重新开始"},
    {"retired: {unit} is no more, and nothing that it held is valid again but what went to stock",
     "已注销：{unit} 不再存在，除退回库存的部件外，其所有值永久作废"},
    {"a {kind} of this unit is not done yet ({station}, {since})",
     "本机的 {kind} 尚未结束（{station}，{since}）"},
    {"end it first: prove it, or dmigate registry resolve",
     "请先结束：验证，或执行 dmigate registry resolve"},
    {"end it first: dmigate registry resolve", "请先结束：dmigate registry resolve"},
    {"a {keyword} never passes to another unit", "{keyword} 不得转给另一台机器"},
    {"say repair or scrap for it", "请对其指定 repair 或 scrap"},
    {"this unit holds no {keyword}", "本机没有登记 {keyword}"},
    {"dmigate registry lookup shows what it holds", "dmigate registry lookup 可查看其登记内容"},
    {"this is no value of a {keyword}", "这不是 {keyword} 的值"},
    {"read it again from the part", "请从部件上重新读取"},
    {"this unit has that {keyword} already: nothing would be exchanged",
     "本机已有该 {keyword}：没有可更换的内容"},
    {"give the new part's value", "请给出新部件的值"},
    {"this value was given up and is never valid again: {holder}", "该值已作废，不得再用：{holder}"},
    {"take another part", "请换用其他部件"},
    {"this value belongs to another unit: {holder}", "该值属于另一台机器：{holder}"},
    {"replace it there first, with disposition stock", "请先在那台机器上更换，并指定 stock"},
    {"the registry is damaged: it does not say which schema version it has", "登记库已损坏：没有结构版本号"},
    {"when every station has this dmigate: dmigate registry migrate",
     "待所有工位都使用此版 dmigate 后，执行 dmigate registry migrate"},
    {"the registry is damaged: a record's content is not what was recorded",
     "登记库已损坏：记录的内容与当时登记的不同"},
    {"dmigate registry verify lists what is damaged; restore it from its backup",
     "dmigate registry verify 可列出损坏之处；请从备份恢复"},
    {"a raw table that is kept here is damaged", "保存的原始表已损坏"},
    {"the registry went away while it wrote, and whether it has is not known ({*cause})",
     "登记库在写入时失去联系，无法确定是否已写入（{*cause}）"},
    {"bring it back, then check this unit again: nothing is lost and nothing is counted twice",
     "请恢复登记库后重新检查本机：不会丢失，也不会重复计数"},
    {"the head that was kept names it, and it is gone: the journal's tail was cut",
     "另存的日志末尾有此记录，现已不见：日志尾部被截断"},
    {"it is not the record that the kept head names", "与另存的日志末尾不是同一条记录"},
    {"it is not as the journal says", "与日志不一致"},
    {"the journal has it, the visits do not", "日志中有，过站记录中没有"},
    {"the journal has it, the units do not", "日志中有，机器表中没有"},
    {"the journal has it, and it is not known of the unit", "日志中有，该机的记录中没有"},
    {"it is missing, and {where} speaks of it", "缺失，而 {where} 提到它"},
    {"visit {number} of {unit}", "{unit} 的第 {number} 次过站"},
    {"raw table {name}", "原始表 {name}"},
    {"this is by a named person, with a reason: --by NAME --reason TEXT",
     "须由具名人员说明原因：--by NAME --reason TEXT"},
    {"--part takes KEYWORD or KEYWORD=NEWVALUE, not \"{text}\"",
     "--part 的形式为 KEYWORD 或 KEYWORD=NEWVALUE，不是“{text}”"},
    {"part {keyword} is given twice", "部件 {keyword} 给出了两次"},
    {"--disposition is stock, repair or scrap, not \"{text}\"",
     "--disposition 只能是 stock、repair 或 scrap，不是“{text}”"},
    {"--disposition is given twice", "--disposition 给出了两次"},
    {"no --part names {keyword}, of which --disposition speaks",
     "--disposition 提到的 {keyword} 没有对应的 --part"},
    {"a unit that is no more is scrap, but for what --disposition KEYWORD=stock names",
     "注销的机器全部作废，仅 --disposition KEYWORD=stock 指明的部件除外"},
    {"what becomes of the old part is not said", "没有说明旧部件如何处置"},
    {"give --disposition stock, repair or scrap", "请给出 --disposition stock、repair 或 scrap"},
    {"a golden unit is recorded, and that takes a stage", "标准样机须登记，登记需要工位"},
    {"give --stage S, or leave --purpose out", "请给出 --stage S，或去掉 --purpose"},
    {"this is not what `registry head --json` says", "这不是 `registry head --json` 的输出"},
    {"give the file that was kept", "请给出另存的文件"},
    {"a table is written of one unit, and this names {count}", "只能写出一台机器的表，而这里指向 {count} 台"},
    {"name the unit by its label or id", "请用标签或编号指定机器"},
    {"no raw table of this unit is kept", "没有保存本机的原始表"},
    {"it was never read at a station", "它从未在工位上读取过"},
    {"the raw table is not kept here", "此处没有保存该原始表"},
    {"dmigate registry verify tells more", "dmigate registry verify 可进一步说明"},
    {"no table of this unit is kept that passed", "没有保存本机合格时的表"},
    {"dmigate trace shows what is known of it", "dmigate trace 可查看已知内容"},
    {"a code is compared with a source or with a unit of the registry, not with both",
     "代码只能与一个来源或登记库中的一台机器比较，不能同时"},
    {"leave --unit or SOURCE out", "请去掉 --unit 或 SOURCE"},
    {"--unit names whom --compare CODE is held against", "--unit 指明与 --compare CODE 比较的机器"},
    {"give --compare CODE as well, or leave --unit out", "请同时给出 --compare CODE，或去掉 --unit"},
    {"a table read from text has no bytes to dump", "由文本读取的表没有可导出的字节"},

    // commands
    {"the command cannot be started: {*cause}", "无法启动命令：{*cause}"},
    {"see that {program} runs on this machine when called by hand",
     "请在本机手动运行 {program}，确认可以执行"},
    {"give the script a first line such as #!/bin/sh; no shell is called here",
     "请在脚本首行写明 #!/bin/sh 之类；此处不经 shell 调用"},
    {"the file names an interpreter or a loader that is not there; install it",
     "文件所需的解释器或加载器不存在；请安装"},
    {"the command cannot be supervised: {*why}", "无法监控命令：{*why}"},
    {"see that the process may open more files (ulimit -n)", "请调大可打开文件数（ulimit -n）"},
    {"is not executable", "不可执行"},
    {"make it executable (chmod +x), or name the program itself", "请加执行权限（chmod +x），或直接指定程序"},
    {"there is no such command", "没有该命令"},
    {"see that its path is right and its drive is mounted", "请确认路径正确、所在磁盘已挂载"},
    {"not found in PATH", "在 PATH 中找不到"},
    {"install it, or name it with its full path", "请安装，或用完整路径指定"},
    {"mount /proc (mount -t proc proc /proc)", "请挂载 /proc（mount -t proc proc /proc）"},
    {"an argument holds a NUL byte and would reach the command cut short",
     "参数中有 NUL 字节，传给命令时会被截断"},
    {"correct the value", "请更正该值"},
    {"the command is empty", "命令是空的"},
    {"name a program to run", "请指定要运行的程序"},

    // the station
    {"nothing is to be burnt", "没有要烧录的内容"},
    {"give each value with --set KEYWORD=VALUE", "请用 --set KEYWORD=VALUE 给出每个值"},
    {"profile {profile} does not have `{keyword}` burnt", "机型配置 {profile} 不烧录 `{keyword}`"},
    {"name one of the fields of its `burn` section", "请指定其 `burn` 一节中的字段"},
    {"`{keyword}` is to be burnt twice", "`{keyword}` 给出了两次"},
    {"give one value for it", "请只给一个值"},
    {"the value for `{keyword}` has characters that cannot be printed: {value}",
     "`{keyword}` 的值含有不可打印字符：{value}"},
    {"a stage is always recorded: --dry-run and --registry none do not go with it",
     "工位检查必须登记：不能与 --dry-run 或 --registry none 同用"},
    {"leave the stage out, or name a registry", "请去掉工位，或指定登记库"},
    {"this station requires `{name}`", "本站要求给出 `{name}`"},
    {"give it with {option}", "请用 {option} 给出"},
    {"burn and run take the unit itself and no saved table: a good dump must not open a station",
     "burn 和 run 只针对本机，不接受保存的表：不得用合格的导出文件放行"},
    {"leave SOURCE out; for a demonstration, say allow_file_source: true in station.yaml",
     "请去掉 SOURCE；如为演示，请在 station.yaml 中写 allow_file_source: true"},
    {"no profile is named, and no folder of profiles is known", "未指定机型配置，也没有机型配置文件夹"},
    {"give --profile NAME|FILE, or --profiles FOLDER, or `profiles:` in station.yaml",
     "请用 --profile NAME|FILE 或 --profiles FOLDER，或在 station.yaml 中写 `profiles:`"},
    {"several profiles are for this unit: {names}", "有多个机型配置适用于本机：{names}"},
    {"name one with --profile, or make `match` tell them apart",
     "请用 --profile 指定其一，或修改 `match` 加以区分"},
    {"profile {profile} declares no stage {stage}", "机型配置 {profile} 没有 {stage} 工位"},
    {"name one of its stages, or add this one to it", "请指定其中的工位，或在配置中加入该工位"},
    {"profile {profile} has no identifier `{name}`", "机型配置 {profile} 没有识别码 `{name}`"},
    {"name one of its `identifiers`", "请指定其 `identifiers` 之一"},
    {"a burn is made at stage pre-burn", "烧录只在 pre-burn 工位进行"},
    {"leave --stage out", "请去掉 --stage"},
    {"profile {profile} has no `burn` section", "机型配置 {profile} 没有 `burn` 一节"},
    {"add one to it", "请在配置中加入"},
    {"profile {profile} only observes: a burn reserves what it writes, and nothing is reserved by observing",
     "机型配置 {profile} 仅观察：烧录须预留所写的值，而观察不作预留"},
    {"say `mode: enforce` in it, or burn as before", "请在其中写 `mode: enforce`，或按原方式烧录"},
    {"no command to run is named", "没有指定要运行的命令"},
    {"put it after --", "请写在 -- 之后"},
    {"run is gated by a stage", "run 须指定工位"},
    {"give --stage S", "请给出 --stage S"},
    {"{name} is none of what `{key}` knows", "{name} 不是 `{key}` 的可用值"},
    {"{text} is no MAC address; write 00:1b:21:aa:bb:01", "{text} 不是 MAC 地址；请写成 00:1b:21:aa:bb:01"},
    {"{text} is no one adapter's address; read its own",
     "{text} 不是某一块网卡自己的地址；请读取该网卡自己的地址"},
    {"`station` is empty; leave it out for the host's name", "`station` 是空的；若要用主机名，请去掉"},
    {"there is no stage `{name}`", "没有工位 `{name}`"},
    {"`language` is en or zh", "`language` 须为 en 或 zh"},
    {"`registry_timeout` is a time such as 5s or 500ms", "`registry_timeout` 须为时间，如 5s 或 500ms"},

    // the command line
    {"{*what} ({*why})", "{*what}（{*why}）"},
    {"the file cannot be made ({*why})", "无法新建文件（{*why}）"},
    {"the file cannot be made", "无法新建文件"},
    {"the file cannot be written", "无法写入文件"},
    {"choose another place, or free this one", "请换一个位置，或先清出此处"},
    {"choose another place", "请换一个位置"},
    {"{option} takes {form}, not \"{text}\"", "{option} 的格式为 {form}，不能是“{text}”"},
    {"the station's name has characters that cannot be printed: {name}",
     "工作站名称含有不可打印字符：{name}"},
    {"--unit is given only blanks", "--unit 只有空白"},
    {"scan the label again", "请重新扫描标签"},
    {"there is no stage \"{name}\"", "没有工位“{name}”"},
    {"the stages are incoming, pre-burn, post-burn, pre-image, post-image, ship",
     "工位有 incoming、pre-burn、post-burn、pre-image、post-image、ship"},
    {"--id {name}= has no value", "--id {name}= 没有值"},
    {"scan it again", "请重新扫描"},
    {"identifier {name} is given twice", "识别码 {name} 给出了两次"},
    {"--timeout takes a time such as 90s, 5m or 1h, not \"{text}\"",
     "--timeout 须为时间，如 90s、5m 或 1h，不能是“{text}”"},
    {"there is no command `{name}`", "没有命令 `{name}`"},
    {"there is no command `{group} {name}`", "没有命令 `{group} {name}`"},
    {"`{word}` is one word too many for {command}", "`{word}` 是 {command} 多余的参数"},
    {"{command} has no option `{option}`", "{command} 没有选项 `{option}`"},
    {"{option} is given without a value; give one, or leave it out",
     "{option} 没有给值；请给出，或去掉该选项"},
    {"resolve is by a named person, with a reason: --by NAME --reason TEXT",
     "resolve 须写明处理人和原因：--by NAME --reason TEXT"},
    {"{*words}; dmigate --help tells how it is called", "{*words}；用法见 dmigate --help"},
    {"only run takes a command after --", "只有 run 可在 -- 之后带命令"},
    {"no command is given; try dmigate --help", "没有给出命令；请看 dmigate --help"},
    {"no field of Type {type} is known", "Type {type} 没有已知字段"},
    {"dmigate profile explain lists the fields", "dmigate profile explain 可列出各字段"},
    {"there is no field {name}", "没有字段 {name}"},

    // codes
    {"\"{letter}\", letter {place} of the code, is in no code: codes are of digits and of the letters A to Z",
     "代码第 {place} 个字符“{letter}”无效：代码只含数字和字母 A 至 Z"},
    {"a code has {most} letters and digits, this one has {count}",
     "代码有 {most} 个字母和数字，这个有 {count} 个"},
    {"the code does not fit its last letter, the check: one is wrong, or two were swapped, or it is a code "
     "of "
     "another version of dmigate",
     "代码与其最后一位校验码不符：有一位读错，或两位对调，或是其他版本 dmigate 的代码"},
    {"have it read out again, letter by letter", "请对方逐位重新读一遍"},
    {"the table breaks off before the identity structures (no Type 1 can be reached)",
     "SMBIOS 表在身份结构之前中断（无法读到 Type 1）"},
    {"read the table again; if it stays so, update the BIOS", "请重新读取；若仍如此，请更新 BIOS"},
    {"the unit has no disk {name}", "本机没有硬盘 {name}"},
    {"name the system's disk as the system calls it, such as nvme0n1",
     "请用系统中的名称指定系统盘，例如 nvme0n1"},

    // YAML
    {"a mapping (`key: value` lines) is expected here", "此处须为映射（`key: value` 行）"},
    {"{key} must be a text", "{key} 须为文本"},
    {"{key} is missing", "缺少 {key}"},
    {"{key} must be true or false", "{key} 须为 true 或 false"},
    {"{key} must be a whole number in decimal digits", "{key} 须为十进制整数"},
    {"an item of {key} must be a text", "{key} 的每一项须为文本"},
    {"{key} must be a list of texts: [a, b]", "{key} 须为文本列表：[a, b]"},
    {"this mapping is not read as its format says: a fault of dmigate, tell its makers",
     "此映射未按格式读取：这是 dmigate 的缺陷，请告知开发者"},
    {"unknown key {key}", "未知的键 {key}"},
    {"the file is not UTF-8 here; save it as UTF-8", "此处不是 UTF-8；请将文件存为 UTF-8"},
    {"a control character stands here; remove it", "此处有控制字符；请删除"},
    {"the document has ended before this; a file holds one", "文档在此之前已结束；一个文件只能有一个文档"},
    {"aliases are not read; write the value out, or quote a text with *",
     "不支持别名；请直接写出值，含 * 的文本请加引号"},
    {"anchors are not read; write the value out", "不支持锚点；请直接写出值"},
    {"tags are not read; quote a text that begins with !", "不支持标签；以 ! 开头的文本请加引号"},
    {"nested deeper than {most} levels", "嵌套超过 {most} 层"},
    {"a key must be a text; quote it", "键须为文本；请加引号"},
    {"repeated key {key}; it is in line {line} already", "键 {key} 重复；第 {line} 行已有"},
    {"not YAML: it cannot be read", "不是 YAML：无法读取"},
    {"not YAML: {problem}", "不是 YAML：{problem}"},
    {"{*what} that begins in line {line}", "{*what}（始于第 {line} 行）"},
    {"{*what}; indent with blanks, not tabs", "{*what}；请用空格缩进，不要用制表符"},
    {"larger than 1 MiB; this is not a file of dmigate", "大于 1 MiB；这不是 dmigate 的文件"},
    {"cannot be read: {*cause}", "无法读取：{*cause}"},
    {"check the path and who may read it", "请检查路径和读取权限"},

    // profiles
    {"the file is named after {name}, and holds the profile {other}",
     "文件名为 {name}，内容却是机型配置 {other}"},
    {"`version` is missing; raise it with every change", "缺少 `version`；每次改动都须提高版本号"},
    {"this profile asks for no field, so every unit would pass; name some under `fields` that are not "
     "optional",
     "该机型配置未要求任何字段，所有机器都会通过；请在 `fields` 中写出必需的字段"},
    {"there is no profile or base set {name}", "没有机型配置或基础集 {name}"},
    {"{name} extends itself: {chain}", "{name} 继承了自身：{chain}"},
    {"give the path of its file, or the folder that it is in with --profiles",
     "请给出文件路径，或用 --profiles 指定其文件夹"},
    {"the profiles cannot be listed: {*cause}", "无法列出机型配置：{*cause}"},
    {"check the folder and who may read it", "请检查文件夹和读取权限"},
    {"the profile {name} is in {file} as well", "机型配置 {name} 在 {file} 中也有"},
    {"{key} does not go with {field}, which is {*kind}; use `contains` or `not_contains`",
     "{key} 不适用于 {field}（{*kind}）；请用 `contains` 或 `not_contains`"},
    {"{key} does not go with {field}, which is {*kind}; use `equals` or `one_of`",
     "{key} 不适用于 {field}（{*kind}）；请用 `equals` 或 `one_of`"},
    {"a UUID", "为 UUID"},
    {"an enumeration", "为枚举"},
    {"a revision", "为版本号"},
    {"a set of bits", "为位集"},
    {"no string", "不是字符串"},
    {"either `value` or `field` is expected here", "此处须为 `value` 或 `field` 之一"},
    {"`value` is expected here", "此处须有 `value`"},
    {"{field} cannot be compared with itself", "{field} 不能与自身比较"},
    {"{other} is of another kind than {field}, so the two never compare",
     "{other} 与 {field} 类型不同，无法比较"},
    {"`one_of` must be a list of texts, and not empty", "`one_of` 须为非空的文本列表"},
    {"`length` needs `at_most` or `at_least`, in bytes", "`length` 须有 `at_most` 或 `at_least`（字节数）"},
    {"no length is between these bounds", "没有长度能满足这两个界限"},
    {"{value} is no dotted number such as 5.13; list what is allowed with `one_of`",
     "{value} 不是 5.13 这样的点分数字；请用 `one_of` 列出允许的值"},
    {"`unique` must be true, false or { within: KEYWORD }",
     "`unique` 须为 true、false 或 { within: KEYWORD }"},
    {"a field of several structures cannot be unique: a unit holds one value of it",
     "多个结构的字段不能设为唯一：一台机器只登记一个值"},
    {"{field} cannot be unique; only strings and UUIDs can", "{field} 不能设为唯一；只有字符串和 UUID 可以"},
    {"{field} cannot be unique within itself", "{field} 不能在自身范围内唯一"},
    {"`fields` must be a mapping: keyword: { … }", "`fields` 须为映射：keyword: { … }"},
    {"{key} must be a list: - { … }", "{key} 须为列表：- { … }"},
    {"`type` is missing", "缺少 `type`"},
    {"types of structures are 0 to 255", "结构类型为 0 至 255"},
    {"`count` is missing", "缺少 `count`"},
    {"Type {type} is counted twice", "Type {type} 计数重复"},
    {"`removable` or `serial` is expected here", "此处须有 `removable` 或 `serial`"},
    {"no serial is as short as that", "没有这么短的序列号"},
    {"`within` is a time such as 90s, 5m or 1h, at most a day",
     "`within` 须为时间，如 90s、5m 或 1h，最长一天"},
    {"`witnesses` must be a list: [nic-mac]", "`witnesses` 须为列表：[nic-mac]"},
    {"there is no witness {name}", "没有硬件凭证 {name}"},
    {"{key} is blank", "{key} 为空白"},
    {"there is no rule {name}", "没有规则 {name}"},
    {"{rule} cannot be waived: it keeps units apart, or says that one was not judged",
     "{rule} 不得特许放行：它用于区分机器，或说明机器未判定"},
    {"`until` is a day such as 2026-12-31", "`until` 须为日期，如 2026-12-31"},
    {"`field` is empty; leave it out to waive the rule for all", "`field` 是空的；若对所有字段特许，请去掉"},
    {"{*who} names {field}, for which there is no rule; name it under `fields`",
     "{*who} 引用了 {field}，但没有其规则；请在 `fields` 中写出"},
    {"{field} is unique within {within}, which `burn` writes: a burn would change whose it is; write "
     "`unique: true`, or do not burn it",
     "{field} 在 {within} 范围内唯一，而 `burn` 会写 {within}：烧录会改变其归属；请写 `unique: "
     "true`，或不烧录它"},
    {"stage {name}", "工位 {name}"},
    {"there is no rule for {name}; name it under `hardware`", "{name} 没有规则；请在 `hardware` 中写出"},
    {"this profile has no `structures`", "该机型配置没有 `structures`"},
    {"`burn-fields` are the fields of `burn`, and this profile has no such section",
     "`burn-fields` 指 `burn` 的字段，而该机型配置没有这一节"},
    {"stage {name} judges no field that must be there, so every unit would pass it; leave the stage out",
     "工位 {name} 不检查任何必需字段，所有机器都会通过；请去掉该工位"},
    {"`burn` needs the stages `pre-burn` and `post-burn`; declare both under `stages`",
     "`burn` 需要 `pre-burn` 和 `post-burn` 工位；请在 `stages` 中写出"},
    {"`post-burn` proves what was burnt after `pre-burn`; add `after: pre-burn`",
     "`post-burn` 用于验证 `pre-burn` 之后的烧录；请加 `after: pre-burn`"},
    {"stage {name} judges what is burnt only after it: {fields}; add `except: burn-fields`, or list with "
     "`only` what is there already",
     "工位 {name} 检查了其后才烧录的字段：{fields}；请加 `except: burn-fields`，或用 `only` 列出已有的字段"},
    {"{name} is no name of a profile; use a-z, 0-9, dot, hyphen and underscore, at most 64, beginning with a "
     "letter or digit",
     "{name} 不能作机型配置的名称；请用 a-z、0-9、点、连字符和下划线，最多 64 个字符，以字母或数字开头"},
    {"`version` counts from 1, and ends at {most}", "`version` 从 1 起，最大为 {most}"},
    {"`extends` must be a list: [cmge]", "`extends` 须为列表：[cmge]"},
    {"an item of `extends` must be the name of a base set", "`extends` 的每一项须为基础集的名称"},
    {"{name} is named twice", "{name} 写了两次"},
    {"an empty list matches no unit", "空列表不匹配任何机器"},
    {"{name} is no name of an identifier; use a-z, 0-9 and hyphens, and neither `label` nor a field's "
     "keyword",
     "{name} 不能作识别码的名称；请用 a-z、0-9 和连字符，不能是 `label` 或字段名"},
    {"{name} is no name of a burn tool; `tool` names a file tools/NAME.yaml, or a tool that ships",
     "{name} 不能作烧录工具的名称；`tool` 指 tools/NAME.yaml 文件或自带的工具"},
    {"`fields` is missing: what the burn writes", "缺少 `fields`：烧录写哪些字段"},
    {"`fields` must be a list of keywords, and not empty", "`fields` 须为非空的字段名列表"},
    {"unknown stage {name}", "未知工位 {name}"},
    {"stage {name} stands before {other} on the line; write the stages in its order: {order}",
     "产线上工位 {name} 在 {other} 之前；请按产线顺序书写：{order}"},
    {"a stage says either `only` or `except`", "一个工位只能写 `only` 或 `except` 之一"},
    {"{key} must be the word burn-fields or a list of keywords", "{key} 须为 burn-fields 或字段名列表"},
    {"a field's keyword is expected here", "此处须为字段名"},
    {"`after` must be the name of a stage", "`after` 须为工位名称"},
    {"{name} cannot come after {other}, which is not earlier on the line",
     "{name} 不能在 {other} 之后，{other} 在产线上并不靠前"},
    {"stage {name} is not declared in this profile", "该机型配置没有写工位 {name}"},
    {"{key} must be a mapping, and not empty: { {example} }", "{key} 须为非空的映射：{ {example} }"},
    {"a selector cannot stand here; name the field by its keyword", "此处不能用选择符；请直接写字段名"},
    {"unknown field {name}", "未知字段 {name}"},
    {"Type {type} has no field {name}", "Type {type} 没有字段 {name}"},
    {"{text} selects nothing; write [*] for each, [2] for the second, or [KEYWORD=VALUE] or "
     "[KEYWORD!=VALUE]",
     "{text} 选不到任何结构；请写 [*] 表示每个，[2] 表示第二个，或 [KEYWORD=VALUE]、[KEYWORD!=VALUE]"},
    {"{key} is {words}, not {text}", "{key} 须为 {words}，不能是 {text}"},
    {"`at_least` or `at_most` is expected here", "此处须有 `at_least` 或 `at_most`"},
    {"no number is between these bounds", "没有数能满足这两个界限"},
    {"an empty pattern matches nothing that can be there", "空的 pattern 不匹配任何值"},
    {"a pattern may have 1024 bytes; this one is longer", "pattern 最长 1024 字节；此处过长"},
    {"the pattern does not compile: {error}", "pattern 无法编译：{error}"},
    {"a text is expected here; quote words such as 'null' and '~'",
     "此处须为文本；'null' 和 '~' 之类请加引号"},
    {"{text} is no UUID; write 00112233-4455-6677-8899-aabbccddeeff",
     "{text} 不是 UUID；请写成 00112233-4455-6677-8899-aabbccddeeff"},
    {"{text} is no value of {field}", "{text} 不是 {field} 的值"},

    // profile lint, learn and test
    {"nothing is named, and no folder of profiles is known", "没有指定文件，也没有机型配置文件夹"},
    {"name a file or a folder: profile lint FILE", "请指定文件或文件夹：profile lint FILE"},
    {"there is no *.yaml in this folder", "文件夹中没有 *.yaml"},
    {"unconfirmed: {what}", "待确认：{what}"},
    {"{check} of {field} asks less than {set}", "{field} 的 {check} 比 {set} 的要求宽"},
    {"{field} must be there by {set}, and is optional here", "{set} 要求必须有 {field}，此处为可选"},
    {"{field} is unique by {set}, and only within another field here",
     "{set} 要求 {field} 唯一，此处只在另一字段范围内唯一"},
    {"{field} is unique by {set}, and not here", "{set} 要求 {field} 唯一，此处不要求"},
    {"{name} is a witness by {set}, and not here", "{set} 以 {name} 为硬件凭证，此处不用"},
    {"no field is unique here: a copy of a unit's DMI is not known as one",
     "此处没有唯一的字段：无法认出复制了别机 DMI 的机器"},
    {"a unit without a network card has no witness; ask for one with `physical-nics: { at_least: 1 }`",
     "没有网卡的机器没有硬件凭证；请用 `physical-nics: { at_least: 1 }` 要求至少一块"},
    {"{field} is unique and optional: units without it are not told apart by it",
     "{field} 既唯一又可选：没有该值的机器无法用它区分"},
    {"{field}: {check} asks for {values}, which {*why}", "{field}：{check} 要求 {values}，但{*why}"},
    {"{field}: {check} asks for {values}, which {*why}; no unit can pass",
     "{field}：{check} 要求 {values}，但{*why}；所有机器都无法通过"},
    {"{field}: {check} asks for {values}, which {*why}; every unit gets a warning",
     "{field}：{check} 要求 {values}，但{*why}；所有机器都会有警告"},
    {"{check} refuses", "{check} 不接受"},
    {"is a placeholder", "是占位值"},
    {"{field} must equal {other} and must not contain it; no unit can pass",
     "{field} 须等于 {other}，又不得包含它；所有机器都无法通过"},
    {"{field} must equal {other}, and no value matches the patterns of both",
     "{field} 须等于 {other}，但没有值能同时符合两者的 pattern"},
    {"the label's pattern and {field}, which it must equal, contradict each other: no value matches both "
     "patterns",
     "标签的 pattern 与其须等于的 {field} 矛盾：没有值能同时符合两个 pattern"},
    {"the label's pattern and {field}, which it must equal, contradict each other: the pattern refuses every "
     "value of the field",
     "标签的 pattern 与其须等于的 {field} 矛盾：pattern 不接受该字段的任何值"},
    {"the label's pattern and {field}, which it must equal, do not fit: the pattern refuses some of the "
     "field's values",
     "标签的 pattern 与其须等于的 {field} 不一致：pattern 不接受该字段的部分值"},
    {"this profile has neither `match` nor a label pattern: it is used only where --profile names it",
     "该机型配置既无 `match` 也无标签的 pattern：只有用 --profile 指定时才会使用"},
    {"this profile has no `stages`: it can be tried, and no stage can be passed by it",
     "该机型配置没有 `stages`：可以试判，但不能通过任何工位"},
    {"stage {name} does not judge {field}, so `match` does not find this profile there",
     "工位 {name} 不检查 {field}，`match` 在该工位找不到此机型配置"},
    {"the burn tool cannot be used: {*why}", "烧录工具不可用：{*why}"},
    {"the waiver of {rule} by {by} expired on {until}: it does nothing any more",
     "{by} 对 {rule} 的特许已于 {until} 到期：不再有效"},
    {"the waiver names {field}, for which this profile has no rule: it does nothing",
     "特许所指的 {field} 在该机型配置中没有规则：不起作用"},
    {"{name} ({file}) and {other} are for units with the same labels: make the label patterns tell them "
     "apart, or give both a `match`",
     "{name}（{file}）与 {other} 适用于相同标签的机器：请修改标签的 pattern 加以区分，或给两者都加 `match`"},
    {"{name} ({file}) and {other} match the same units: only a scanned label tells them apart",
     "{name}（{file}）与 {other} 匹配相同的机器：只有扫描标签才能区分"},
    {"{name} ({file}) and {other} match the same units: make `match` tell them apart, or one unit is refused "
     "as both",
     "{name}（{file}）与 {other} 匹配相同的机器：请修改 `match` 加以区分，否则机器因同时匹配两者而被拒"},
    {"{name} ({file}) and {other} may match the same unit: they do not name the same fields in `match`",
     "{name}（{file}）与 {other} 可能匹配同一台机器：两者的 `match` 所用字段不同"},
    {"this file has no `version`, `match`, `label` or `stages`: it is read as a set for models to extend",
     "该文件没有 `version`、`match`、`label` 或 `stages`：按供机型配置继承的基础集读取"},
    {"`profile` is missing: the profile that is tried, by name or by file from here",
     "缺少 `profile`：要试判的机型配置，可用名称或相对此处的文件"},
    {"`units` must be a list, and not empty: - { unit: FILE, expect: PASS }",
     "`units` 须为非空的列表：- { unit: FILE, expect: PASS }"},
    {"`expect` is PASS, FAIL or ERROR, not {text}", "`expect` 须为 PASS、FAIL 或 ERROR，不能是 {text}"},
    {"a unit that is expected to PASS has no finding that blocks", "预期 PASS 的机器不会有阻止放行的问题"},
    {"there is no {name} in this folder", "文件夹中没有 {name}"},
    {"{name} cannot be listed: {*cause}", "无法列出 {name}：{*cause}"},
    {"there is no unit in {name}", "{name} 中没有机器"},
    {"there is no expect.yaml in this folder, so no unit is expected to pass or to fail",
     "文件夹中没有 expect.yaml，没有预期通过或不通过的机器"},
    {"write one: profile: ../NAME.yaml, and units: [{ unit: FILE, expect: PASS }]",
     "请写一个：profile: ../NAME.yaml，以及 units: [{ unit: FILE, expect: PASS }]"},
    {"no field has a good value on all of these units: there is nothing to learn",
     "没有字段在这些机器上都有有效值：无从学习"},
    {"take units as they should leave the line", "请用符合出厂要求的机器"},
    {"dmidecode's text does not tell everything that a unit has", "dmidecode 的文本不包含机器的全部信息"},
    {"take a binary dump: dmigate dump, or dmidecode --dump-bin",
     "请用二进制导出：dmigate dump 或 dmidecode --dump-bin"},
    {"this table does not pass whatever a profile asks: {rule}",
     "无论机型配置如何要求，该表都不能通过：{rule}"},
    {"{value} of a unit does not hold to {check} of the set {set}",
     "某机器的 {value} 不符合基础集 {set} 的 {check}"},
    {"extend another set with --extends", "请用 --extends 指定其他基础集"},
    {"{name} is no name of a new profile", "{name} 不能作新机型配置的名称"},
    {"use a-z, 0-9, dot, hyphen and underscore, beginning with a letter or digit",
     "请用 a-z、0-9、点、连字符和下划线，以字母或数字开头"},
    {"{name} is no name of a set", "{name} 不是基础集的名称"},
    {"name one that profile list lists", "请从 profile list 所列中选择"},

    // burn tools and placeholders
    {"{name} is no name of a burn tool", "{name} 不能作烧录工具的名称"},
    {"`switches` must be a mapping, and not empty: { keyword: [/SS, '{value}'] }",
     "`switches` 须为非空的映射：{ keyword: [/SS, '{value}'] }"},
    {"{key} is empty", "{key} 是空的"},
    {"a list of arguments is expected here: [/SS, '{value}']", "此处须为参数列表：[/SS, '{value}']"},
    {"an argument must be a text", "参数须为文本"},
    {"unknown format {*name}; it is text, hex32 or hex2", "未知格式 {*name}；可用 text、hex32 或 hex2"},
    {"none of the arguments holds {value}, so nothing would be written",
     "参数中没有 {value}，不会写入任何内容"},
    {"hex32 writes a UUID, which {field} is not", "hex32 用于写 UUID，而 {field} 不是"},
    {"hex2 writes an enumeration of one byte, which {field} is not",
     "hex2 用于写单字节枚举，而 {field} 不是"},
    {"there is no burn tool {name}", "没有烧录工具 {name}"},
    {"describe it in tools/{name}.yaml beside the profiles", "请在机型配置旁的 tools/{name}.yaml 中描述它"},
    {"the file is named after {name}, and holds the tool {other}", "文件名为 {name}，内容却是工具 {other}"},
    {"rename the one or the other", "请改其中一个的名称"},
    {"the burn tool {tool} has no switch for {field}", "烧录工具 {tool} 没有写 {field} 的开关"},
    {"add the switch there, or burn the field with another tool", "请在其中加入该开关，或换用其他工具烧录"},
    {"{value} cannot be written to {field}", "{value} 不能写入 {field}"},
    {"give a value of the field's kind", "请给出符合该字段类型的值"},
    {"{key} must be a text of lines, or a list of texts", "{key} 须为多行文本或文本列表"},
    {"{text} has no letter and no digit; such values are found without it",
     "{text} 没有字母和数字；这类值不列出也会被识别"},
    {"{text} is no UUID, and no beginning of one with a final *",
     "{text} 不是 UUID，也不是以 * 结尾的 UUID 开头"},

    // audit
    {"what is kept of the units cannot be written ({*cause})", "无法保存各机器的数据（{*cause}）"},
    {"free some space there, or name another folder in TMPDIR", "请腾出空间，或用 TMPDIR 指定其他文件夹"},
    {"the report cannot be written ({*cause})", "无法写报告（{*cause}）"},
    {"check the medium, and read it again", "请检查存储介质后重新读取"},
    {"the audit was ended before it was read", "尚未读取，审核已中止"},
    {"the file changed while it was read", "读取过程中文件发生变化"},
    {"audit it again when nobody writes into it", "请在无人写入时重新审核"},
    {"no file has such a name", "没有符合该名称的文件"},
    {"cannot be listed: {*cause}", "无法列出：{*cause}"},
    {"standard input cannot be read to its end", "标准输入未能读完"},
    {"the folder cannot be opened: {*cause}", "无法打开文件夹：{*cause}"},
    {"the folder cannot be read to its end: {*cause}", "文件夹未能读完：{*cause}"},
    {"the same folder as one that is audited already", "与已审核的文件夹相同"},
    {"the same file as one that is audited already", "与已审核的文件相同"},
    {"a pipe, a socket or a device", "管道、套接字或设备"},
    {"libarchive is not here, which reads archives", "缺少读取压缩包所需的 libarchive"},
    {"install libarchive13, or unpack the archive", "请安装 libarchive13，或先解压该压缩包"},
    {"the archive is cut off or damaged ({*cause}); what came before was audited",
     "压缩包不完整或已损坏（{*cause}）；之前的内容已审核"},
    {"the archive is cut off: it has no end; what came before was audited",
     "压缩包不完整：没有结尾；之前的内容已审核"},
    {"the archive holds no file", "压缩包中没有文件"},
    {"check that it is the right one", "请检查是否选错了压缩包"},
    {"another name of a file in this archive", "压缩包中某文件的另一个名称"},
    {"a link", "链接"},
    {"it cannot be read from the archive ({*cause})", "无法从压缩包中读取（{*cause}）"},
    {"copy the archive again from where it was made", "请从原处重新复制该压缩包"},
    {"the archive holds more than {times} times its own size: that is no batch; what came before was audited",
     "压缩包内容超过其自身大小的 {times} 倍：不是正常的批次；之前的内容已审核"},
    {"unpack it with care, and look at what is in it", "请谨慎解压，并检查其内容"},
    {"an archive inside an archive", "压缩包中还有压缩包"},
    {"unpack the outer one, and audit the folder", "请解压外层压缩包，再审核该文件夹"},
    {"a picture", "图片"},
    {"a PDF document", "PDF 文档"},
    {"an Office document", "Office 文档"},
    {"a program", "程序"},
    {"a database", "数据库"},
    {"a hardware inventory, which has no SMBIOS table", "硬件清单，其中没有 SMBIOS 表"},
    {"text, and none of dmidecode's", "文本，但不是 dmidecode 的输出"},
};

// What the system and the reader of the command line say inside ours.
constexpr Phrase kForeign[] = {
    {"Operation not permitted", "不允许该操作"},
    {"No such file or directory", "文件或文件夹不存在"},
    {"Input/output error", "输入/输出错误"},
    {"Exec format error", "可执行文件格式错误"},
    {"Permission denied", "没有权限"},
    {"File exists", "文件已存在"},
    {"Not a directory", "不是文件夹"},
    {"Is a directory", "是文件夹"},
    {"Too many open files", "打开的文件过多"},
    {"No space left on device", "磁盘空间不足"},
    {"Read-only file system", "文件系统只读"},
    {"A subcommand is required", "须给出子命令"},
    {"{name} is required", "须给出 {name}"},
    {"{option}: {value} not in {values}", "{option}：{value} 不在 {values} 之中"},
    {"{option}: Value {value} not in range {first} to {last}",
     "{option}：{value} 不在 {first} 至 {last} 之内"},
    {"{option}: 1 required {type} missing", "{option}：缺少一个值（{type}）"},
    {"{option} excludes {other}", "{option} 不能与 {other} 同用"},
};

constexpr Phrase kTemplates[] = {
    // the commands
    {"the result could not be written to standard output", "结果无法写到标准输出"},
    {"registry made: {path}", "已新建登记库：{path}"},
    {"registry  {path} (schema {version})", "登记库  {path}（结构版本 {version}）"},
    {"units     {count}", "机器    {count}"},
    {"claims    {active} active, {reserved} reserved, {retired} retired",
     "登记项  生效 {active}，预留 {reserved}，作废 {retired}"},
    {"records   {count}", "记录    {count}"},
    {"{state} {kind}  {unit}  {stage} at {station}, {since}",
     "{state} {kind}  {unit}  {stage} 工位，{station}，{since}"},
    {"no errors, no warnings", "没有错误，没有警告"},
    {"{count} error", "{count} 个错误"},
    {"{count} errors", "{count} 个错误"},
    {"{count} warning", "{count} 个警告"},
    {"{count} warnings", "{count} 个警告"},
    {", ", "，"},
    {"does not hold: see profile lint", "有问题：见 profile lint"},
    {"; expected {outcome}", "；预期 {outcome}"},
    {"the two ask the same", "两者要求相同"},
    {"{name} v{version}: {good} of {all} as expected", "{name} v{version}：{all} 台中 {good} 台符合预期"},
    {"schema {to} already: nothing was to be done", "结构版本已是 {to}：无须处理"},
    {"migrated from schema {from} to {to}", "已从结构版本 {from} 升级到 {to}"},
    {"{unit}, as it passed on {time}", "{unit}，{time} 合格时"},
    {"nothing is known of {value}", "没有关于 {value} 的任何记录"},
    {"as it was on {time}, table {table}", "{time} 时的状态，表 {table}"},
    {"nobody holds {value}", "{value} 没有登记"},
    {" (label {label})", "（标签 {label}）"},
    {"every record is whole and in order, every claim is explained",
     "全部记录完整且前后衔接，全部登记项都有据可查"},

    // audit
    {"{units} units: {pass} pass, {fail} fail, {error} error",
     "{units} 台机器：{pass} 台通过，{fail} 台不通过，{error} 台无法判定"},
    {" (not recorded)", "（未记录）"},
    {"  observed only: {count}", "  仅观察：{count}"},
    {"  in {seconds} s, {rate} units a second", "  用时 {seconds} 秒，每秒 {rate} 台"},
    {"nothing here is a unit that could be judged", "此处没有可判定的机器"},
    {"the worst rules, and on how many units", "最常违反的规则及涉及的机器台数"},
    {"            and {count} more", "            另有 {count} 项"},
    {"units", "台数"},
    {"pass", "通过"},
    {"fail", "不通过"},
    {"error", "无法判定"},
    {"yield", "合格率"},
    {"model", "机型"},
    {"(no profile)", "（无机型配置）"},
    {"duplicates: {groups} groups, {units} units", "重复值：{groups} 组，涉及 {units} 台机器"},
    {"  {group}. {field} \"{value}\": {units} units", "  {group}. {field}“{value}”：{units} 台"},
    {"not judged for want of evidence, and on how many units", "因缺少数据而未判定的项目及台数"},
    {"could not be judged: {count}", "无法判定：{count}"},
    {"no dumps: {count}", "不是导出文件：{count}"},
    {"written: {path}", "已写入：{path}"},
    {"PARTIAL: ended before all was audited", "不完整：审核中途结束"},
    {"dmigate audit", "dmigate 批次审核"},
    {"could not be judged", "无法判定"},
    {"observed only", "仅观察"},
    {"groups of duplicates", "组重复值"},
    {"no dumps", "个非导出文件"},
    {"Yield by model", "各机型合格率"},
    {"and {count} more", "另有 {count} 项"},
    {"What is wrong most often", "最常见的问题"},
    {"units on which a rule fails; a unit may fail several",
     "不符合某规则的机器台数；一台机器可能不符合多条"},
    {"share of all findings, summed up", "占全部问题的累计比例"},
    {"Duplicates", "重复值"},
    {"{units} units share a value with others, in {groups} groups",
     "{units} 台机器与其他机器使用相同的值，共 {groups} 组"},
    {"group", "组"},
    {"shared value", "相同的值"},
    {"which", "机器"},
    {"{count} more", "另有 {count} 台"},
    {"the rest is in the CSV", "其余见 CSV"},
    {"Units that must not ship", "不得出货的机器"},
    {"of {count} shown", "台（共 {count} 台）"},
    {"search: words of a path, a serial, a rule", "搜索：路径、序列号或规则中的文字"},
    {"search", "搜索"},
    {"path", "路径"},
    {"serial number", "序列号"},
    {"what is wrong", "问题"},
    {"Not judged", "未判定"},
    {"a dump does not tell it, and no evidence was there", "导出文件中没有，也没有采集数据"},
    {"Files that are no dumps", "不是导出文件的文件"},
    {"{done} units, {rate} a second", "已审核 {done} 台，每秒 {rate} 台"},
    {"{done} units, {percent} %, {rate} a second, {left} s left",
     "已审核 {done} 台（{percent} %），每秒 {rate} 台，剩余 {left} 秒"},

    // code
    {"the code {code}", "代码 {code}"},
    {"this machine", "本机"},
    {"missing: {fields}", "缺失：{fields}"},
    {"not captured: {fields}", "未采集：{fields}"},
    {"then  {what}", "此前  {what}"},
    {"now   {what}", "现在  {what}"},
    {"same", "相同"},
    {"missing, then and now", "此前和现在都缺失"},
    {"changed", "已改变"},
    {"missing now", "现在缺失"},
    {"was missing", "此前缺失"},
    {"not known", "未知"},
    {"of 30 changes of a field, 1 is not seen", "字段每 30 次改变约有 1 次看不出来"},

    // profile explain: a row of the table of fields in words
    {"structure", "结构"},
    {"offset", "偏移"},
    {"since", "始于"},
    {"clause", "条款"},
    {"{clause} of DSP0134", "DSP0134 第 {clause} 条"},
    {"burnt by", "烧录工具"},
    {"values", "取值"},
    {"in", "单位"},
    {"kind", "类型"},
    {"items", "各项"},
    {"instead", "改用"},
    {"answers for", "代替"},
    {"only where", "仅当"},
    {"of several", "有多个时"},
    {"each item, offsets from its start", "每一项（偏移从该项起始处算起）"},
    {" (as 32 hexadecimal digits)", "（32 位十六进制数）"},
    {" (as two hexadecimal digits)", "（两位十六进制数）"},
    {"{count} byte", "{count} 字节"},
    {"{count} bytes", "{count} 字节"},
    {"the byte at {offset}", "{offset} 处的字节"},
    {"the {bytes} at {offset}", "{offset} 处的 {bytes}"},
    {"bit {bits}", "位 {bits}"},
    {"bits {bits}", "位 {bits}"},
    {"no bit", "无置位"},
    {"{bits} of {place}", "{place}的{bits}"},
    {"{part} is {value}", "{part} 为 {value}"},
    {"{part} are {value}", "{part} 为 {value}"},
    {"it is {value}", "其值为 {value}"},
    {"one of {values}", "{values} 之一"},
    {"{keyword} where {where}", "{where} 时用 {keyword}"},
    {" or ", " 或 "},
    {"{steps}, as {bits} is {numbers}", "{steps}，取决于{bits} 为 {numbers}"},
    {"{steps}, as {bits} are {numbers}", "{steps}，取决于{bits} 为 {numbers}"},
    {" and {number} more", "，再加 {number}"},
    {", the number plus {number}", "，数值加 {number}"},
    {", times {byte}", "，乘以 {byte}"},
    {"as many as the structure has room for", "项数以结构长度为限"},
    {"as many as the byte before them says", "项数见其前一字节"},
    {"as many as {byte} says", "项数见 {byte}"},
    {", each of as many bytes as {byte} says", "，每项字节数见 {byte}"},
    {", each of {bytes}", "，每项 {bytes}"},
    {", each of as many bytes as its byte {byte} says", "，每项字节数见该项的 {byte} 字节"},
    {", each of {bytes} and as many more as its byte {byte} says",
     "，每项 {bytes}，另加该项 {byte} 字节所示的字节数"},
    {"as long as its list", "与列表等长"},
    {"up to the end", "直到末尾"},
    {"the motherboard (board type 0Ah), else the hosting board, else the first",
     "取主板（类型 0Ah），否则取承载板，否则取第一个"},
    {"a string, by its number in the structure", "字符串，存其在结构中的序号"},
    {"how many strings the structure has, and they are the value", "结构中字符串的个数，值即这些字符串"},
    {"a number", "数"},
    {"a number that may be negative, in two's complement", "可为负的数（补码）"},
    {"a number n that means 2 to the power of n", "数 n，表示 2 的 n 次方"},
    {"the first and the last of a range, in half of the bytes each; the value is how many there are",
     "范围的首尾，各占一半字节；值为其个数"},
    {"a number, written in hexadecimal", "数，以十六进制书写"},
    {"an address", "地址"},
    {"major and minor of a revision", "主、次版本号"},
    {"major and minor of a revision, in half of the byte each", "主、次版本号，各占半个字节"},
    {"one of its named values", "下列取值之一"},
    {"bits, each with its own meaning", "位集，每位各有含义"},
    {"a list of handles of other structures", "其他结构的句柄列表"},
    {"the handle of another structure", "另一结构的句柄"},
    {"a UUID; its first three groups are stored little-endian since 2.6", "UUID；自 2.6 起前三组按小端存放"},
    {"characters, up to a NUL", "字符，至 NUL 为止"},
    {"a date: day in bits 4:0, month in 8:5, years since 1980 in 15:9",
     "日期：日在位 4:0，月在位 8:5，年（自 1980）在位 15:9"},
    {"month, day, hour, minute and second, in BCD", "月、日、时、分、秒（BCD）"},
    {"segment group, bus, device and function of a PCI address", "PCI 地址的段组、总线、设备、功能"},
    {"offset and segment of a 16-bit entry point", "16 位入口点的偏移和段"},
    {"a manufacturer by JEDEC JEP-106: bank and code", "厂商（JEDEC JEP-106：组号和代码）"},
    {"EAX of CPUID leaf 1", "CPUID 1 号功能的 EAX"},
    {"EAX of CPUID leaf 1, as AMD counts family and model", "CPUID 1 号功能的 EAX，按 AMD 的系列和型号计法"},
    {"an address; bit 0 says I/O or memory, and the lowest bit of the address is bit 4 of the byte at 10h",
     "地址；位 0 表示 I/O 或内存，地址最低位为 10h 处字节的位 4"},
    {"a list; what each item has stands below", "列表；各项内容见下"},
    {"bytes as they are", "原样字节"},
    {"unknown", "未知"},
};

// What stands at the end of many a sentence (profiles::did_you_mean).
constexpr std::string_view kDidYouMean = "; did you mean `";

bool is_name(char c) { return (c >= 'a' && c <= 'z') || c == '_' || c == '*'; }

struct Piece {
  std::string_view text;  ///< of a placeholder its name
  bool placeholder;
};

// Takes the first piece off a row's text: a literal, or a placeholder.
Piece take_piece(std::string_view& rest) {
  for (std::size_t open = rest.find('{'); open != rest.npos; open = rest.find('{', open + 1)) {
    const std::size_t close = rest.find('}', open);
    const std::string_view name = rest.substr(open + 1, close - open - 1);
    if (close == rest.npos || name.empty() || !std::ranges::all_of(name, is_name)) continue;
    const Piece piece = open == 0 ? Piece{name, true} : Piece{rest.substr(0, open), false};
    rest.remove_prefix(open == 0 ? close + 1 : open);
    return piece;
  }
  const Piece piece{rest, false};
  rest = {};
  return piece;
}

struct Put {
  std::string_view name, value;
};
struct Match {
  std::vector<Put> put;
  std::size_t known = 0;  // bytes of the sentence that are the row's own
};

// Whether the row's text makes the whole sentence, and what was put into it.
std::optional<Match> match(std::string_view row, std::string_view sentence) {
  Match match;
  std::optional<std::string_view> open;  // the placeholder before this piece
  while (!row.empty()) {
    const Piece piece = take_piece(row);
    if (piece.placeholder) {
      open = piece.text;
      continue;
    }
    std::size_t at = 0;
    if (open) {
      const bool last = row.empty() && piece.text.size() <= sentence.size();
      at = last ? sentence.size() - piece.text.size() : sentence.find(piece.text);
    }
    if (at > sentence.size() || !sentence.substr(at).starts_with(piece.text)) return std::nullopt;
    if (open) match.put.push_back({*open, sentence.substr(0, at)});
    open.reset();
    match.known += piece.text.size();
    sentence.remove_prefix(at + piece.text.size());
  }
  if (open) {
    match.put.push_back({*open, sentence});
  } else if (!sentence.empty()) {
    return std::nullopt;
  }
  return match;
}

// A sentence, as far as it could be read.
struct Reading {
  std::string text;
  std::size_t known = 0;
};

constexpr int kDeepest = 3;                     // sentences within sentences
constexpr std::size_t kMostSeparators = 6;      // of one sentence that are tried
constexpr std::size_t kLongestSentence = 4096;  // bytes; a longer one stays as it is

Reading read(std::string_view sentence, int depth);

Reading read_row(const Phrase& row, const Match& match, int depth) {
  Reading reading{{}, match.known};
  std::string_view rest = row.chinese;
  while (!rest.empty()) {
    const Piece piece = take_piece(rest);
    const auto put =
        piece.placeholder ? std::ranges::find(match.put, piece.text, &Put::name) : match.put.end();
    if (put == match.put.end()) {
      reading.text += piece.text;
    } else if (piece.text.starts_with('*')) {
      const Reading inner = read(put->value, depth + 1);
      reading.text += inner.text;
      reading.known += inner.known;
    } else {
      reading.text += put->value;
    }
  }
  return reading;
}

void keep_better(Reading& best, Reading other) {
  if (other.known > best.known) best = std::move(other);
}

// Two sentences, or a place and a sentence. What stands between ticks was put in.
void read_parts(std::string_view sentence, int depth, Reading& best) {
  std::size_t tried = 0;
  bool quoted = false;
  for (std::size_t i = 0; i + 1 < sentence.size() && tried < kMostSeparators; ++i) {
    if (sentence[i] == '`') quoted = !quoted;
    const bool place = sentence[i] == ':';
    if (quoted || (!place && sentence[i] != ';') || sentence[i + 1] != ' ') continue;
    ++tried;
    const Reading right = read(sentence.substr(i + 2), depth + 1);
    if (place) {
      keep_better(best, {std::string(sentence.substr(0, i + 2)) + right.text, right.known});
    } else {
      const Reading left = read(sentence.substr(0, i), depth + 1);
      keep_better(best, {left.text + "；" + right.text, left.known + right.known});
    }
  }
}

Reading read(std::string_view sentence, int depth) {
  Reading best{std::string(sentence), 0};
  if (depth > kDeepest || sentence.empty() || sentence.size() > kLongestSentence) return best;
  const std::size_t tail = sentence.ends_with("`?") ? sentence.rfind(kDidYouMean) : sentence.npos;
  if (tail != sentence.npos) {
    const Reading head = read(sentence.substr(0, tail), depth + 1);
    const std::size_t name = tail + kDidYouMean.size() - 1;
    const std::string near(sentence.substr(name, sentence.size() - name - 1));
    keep_better(best, {head.text + "；是不是 " + near + "？", head.known + kDidYouMean.size()});
  }
  read_parts(sentence, depth, best);
  for (const auto rows : {sentences(), foreign_sentences()}) {
    for (const Phrase& row : rows) {
      if (const auto matched = match(row.english, sentence))
        keep_better(best, read_row(row, *matched, depth));
    }
  }
  return best;
}

}  // namespace

std::span<const Phrase> sentences() { return kSentences; }
std::span<const Phrase> foreign_sentences() { return kForeign; }
std::span<const Phrase> templates() { return kTemplates; }

std::string translated(std::string_view english, Language language) {
  if (language == Language::kEnglish) return std::string(english);
  std::string text;
  for (;;) {
    const std::size_t end = english.find('\n');
    text += read(english.substr(0, end), 0).text;
    if (end == english.npos) return text;
    text += '\n';
    english.remove_prefix(end + 1);
  }
}

std::string to_text(const Error& error, Language language) {
  if (language == Language::kEnglish) return error.to_string();
  std::string text = (error.where.empty() ? "" : error.where + ": ") + translated(error.what, language);
  if (!error.advice.empty()) text += "；" + translated(error.advice, language);
  return text;
}

std::string_view phrase(std::string_view english, Language language) {
  if (language == Language::kEnglish) return english;
  const auto* row = std::ranges::find(kTemplates, english, &Phrase::english);
  return row == std::end(kTemplates) ? english : row->chinese;
}

}  // namespace dmigate::gate
