#include "cli/command.h"

#include "base/num.h"

#define B(name) OPTION_BIT(OPTION_##name)
/* What signs an act takes. */
#define SIGNS (B(OFFICER) | B(ROOT))
#define ACTS                                                                   \
	(SIGNS | B(SET) | B(BODY) | B(TO) | B(DRY_RUN) | B(YES) | B(ANSWERS) | \
	    B(AMENDS))
enum { ANY = 1000 };

static const struct command command[] = {
    {"init", "[DIR]", 0, 1,
	B(PARTY) | B(NAME) | B(OFFICER) | B(POWERS) | B(KEY) | B(DEMAND) |
	    B(LISTEN) | B(ADDRESS) | B(WITNESS) | B(PASSPHRASE) | B(EXISTING),
	cmd_init,
	{"make a new party: keys, charter and folder",
	    "新しい当事者を作る：鍵、憲章、フォルダー",
	    "建立新的一方：密钥、章程和文件夹",
	    "새 당사자 만들기: 키, 헌장, 폴더"},
	"comity init jpn --party JPN --name en=Japan --name ja=日本\n"
	"--powers and --key belong to the --officer before them; without an\n"
	"--officer there is one, duty-1, who may sign everything.\n"
	"After a loss: put the key files back into DIR/keys, then\n"
	"comity init DIR --existing FILE; introduce the peers and serve. The\n"
	"log comes back from them before anything is appended. FILE is the\n"
	"charter's envelope: a copy of GET /charter, or what a peer's\n"
	"'comity show JPN-0 --json' has as \"envelope\"."},
    {"serve", "", 0, 0, 0, cmd_serve,
	{"run the node until it is told to stop", "ノードを動かす", "运行节点",
	    "노드 실행"},
	"SIGTERM and SIGINT stop it: what was begun is finished first."},
    {"status", "", 0, 0, 0, cmd_status,
	{"show this party, its log and its node", "この当事者とログの状況",
	    "显示本方、其日志和节点", "이 당사자와 기록의 상태"},
	NULL},
    {"board", "", 0, 0, B(WATCH), cmd_board,
	{"show what is owed, by whom, and the lines",
	    "期限のある事項と回線の状況", "显示待办事项与线路",
	    "기한이 있는 일과 회선의 상태"},
	NULL},
    {"list", "", 0, 0,
	B(PROCEDURE) | B(STATE) | B(TEXT) | B(LIVE) | B(BEFORE) | B(LIMIT),
	cmd_list,
	{"list matters, newest first", "案件の一覧", "列出事项", "안건 목록"},
	NULL},
    {"show", "CITE", 1, 1, 0, cmd_show,
	{"show a matter or an act", "案件または行為を表示", "显示事项或行为",
	    "안건 또는 행위 보기"},
	"CITE is a citation like JPN-57, or an id of 64 hex digits."},
    {"new", "KIND", 1, 1, ACTS | B(IN), cmd_new,
	{"open a matter", "案件を開く", "提出新事项", "안건 열기"},
	"comity new message/send --to CHN --set precedence=routine \\\n"
	"    --set subject='Vessel adrift' --set message=en:'Please confirm.'\n"
	"Without --set and --body it asks field by field at the terminal.\n"
	"'comity procedures show NAME' shows kinds and fields."},
    {"act", "CITE KIND", 2, 2, ACTS, cmd_act,
	{"act in a matter", "案件の中で行為する", "在事项中作出行为",
	    "안건에서 행위하기"},
	"comity act JPN-57 message/reply --set message=en:'Confirmed.'"},
    {"attach", "FILE", 1, 1, 0, cmd_attach,
	{"give a file to the node, for an act to name",
	    "行為に添付するファイルをノードに渡す",
	    "将供行为引用的文件交给节点", "행위에 붙일 파일을 노드에 주기"},
	"It prints the value for a field of the type 'file'. --set FIELD=FILE\n"
	"of 'new' and 'act' does the same. A file of up to 64 MiB; one that "
	"no\n"
	"act names goes after a day."},
    {"fetch", "SHA256", 1, 1, B(OUTPUT), cmd_fetch,
	{"get a file that an act names", "行為に添付されたファイルを取り出す",
	    "取得行为所附文件", "행위에 붙은 파일 꺼내기"},
	"Its bytes are compared with the SHA-256. Without --output it goes to\n"
	"standard output."},
    {"proof", "CITE [CLAIM]", 1, 2, B(OUTPUT), cmd_proof,
	{"write what proves a matter to a stranger", "第三者に示せる証明を書く",
	    "导出可供第三方核验的证明", "제삼자에게 보일 증명 쓰기"},
	"CLAIM is one of: state (of the matter; the usual one), valid, void,\n"
	"delivered, unanswered, silent, unchanged. A claim that does not hold\n"
	"is refused. 'comity verify FILE' checks the file anywhere."},
    {"export", "", 0, 0, B(MATTER) | B(PUBLIC) | B(FOR) | B(ALL) | B(OUTPUT),
	cmd_export,
	{"write a bundle: a matter, what is public, a backup",
	    "束を書き出す：案件、公開分、控え",
	    "导出数据包：事项、公开内容或备份",
	    "묶음 내보내기: 안건, 공개분, 백업"},
	NULL},
    {"import", "FILE", 1, 1, 0, cmd_import,
	{"take in a bundle", "束を取り込む", "导入数据包", "묶음 들여오기"},
	"A bundle that came on a stick or by mail is checked like one that\n"
	"came over a line. FILE - is standard input."},
    {"verify", "FILE", 1, 1, 0, cmd_verify,
	{"check a bundle or a proof without any node",
	    "ノードなしで束や証明を検証する", "无需节点即可核验数据包或证明",
	    "노드 없이 묶음이나 증명 검증"},
	"It believes nobody: every signature, tree and verdict is computed\n"
	"again. Compare the fingerprints that it shows."},
    {"peer list", "", 0, 0, 0, cmd_peer_list,
	{"list the parties known here", "知っている当事者の一覧",
	    "列出已知各方", "아는 당사자 목록"},
	NULL},
    {"peer look", "ADDRESS", 1, 1, 0, cmd_peer_look,
	{"ask an address which party it is", "その番地の当事者を調べる",
	    "查询某地址属于哪一方", "그 주소의 당사자 알아보기"},
	NULL},
    {"peer add", "ADDRESS|FILE", 1, 1, B(FINGERPRINT) | B(ADDRESS),
	cmd_peer_add,
	{"introduce a party, its fingerprint compared",
	    "指紋を照合して当事者を登録する", "核对指纹后登记一方",
	    "지문을 대조하고 당사자 등록"},
	"FILE holds the envelope of its charter (GET /charter)."},
    {"peer address", "CODE URL", 2, 2, 0, cmd_peer_address,
	{"set where a party is reached", "当事者の番地を改める",
	    "更改一方的地址", "당사자의 주소 바꾸기"},
	NULL},
    {"peer remove", "CODE", 1, 1, 0, cmd_peer_remove,
	{"no longer speak to a party", "当事者との通信をやめる",
	    "停止与一方通信", "당사자와의 통신 중지"},
	NULL},
    {"officer list", "[CODE]", 0, 1, 0, cmd_officer_list,
	{"list who may sign what", "署名権限の一覧", "列出签署权限",
	    "서명 권한 목록"},
	NULL},
    {"officer enrol", "NAME", 1, 1, B(PASSPHRASE), cmd_officer_enrol,
	{"make an officer's key file and print its public key",
	    "担当官の鍵を作る", "生成官员密钥", "담당관의 키 만들기"},
	"The key signs nothing before 'comity officer grant'."},
    {"officer grant", "NAME", 1, 1,
	SIGNS | B(KEY) | B(POWERS) | B(UNTIL) | B(REASON), cmd_officer_grant,
	{"let an officer sign kinds of act", "署名権限を与える", "授予签署权限",
	    "서명 권한 주기"},
	"--officer names who signs the grant, --root the root key.\n"
	"--key is the officer's key, or the twelve words of one that\n"
	"waits ('comity officer list'), once they were compared by voice."},
    {"officer revoke", "NAME", 1, 1, SIGNS | B(REASON), cmd_officer_revoke,
	{"end an officer's mandate", "署名権限を取り消す", "撤销签署权限",
	    "서명 권한 거두기"},
	NULL},
    {"officer demand", "KIND=N...", 0, ANY, SIGNS, cmd_officer_demand,
	{"demand several signatures for kinds of act",
	    "複数の署名を求める行為を定める", "规定需要多人签署的行为",
	    "여러 서명이 필요한 행위 정하기"},
	"The list replaces the one before; an empty one demands nothing."},
    {"key renew", "log|witness|box...", 1, 3, B(ROOT), cmd_key_renew,
	{"put new keys of the node in the place of the old",
	    "ノードの鍵を更新する", "更换节点密钥", "노드 열쇠 교체"},
	NULL},
    {"procedures list", "", 0, 0, 0, cmd_procedures_list,
	{"list the procedures", "手続の一覧", "列出程序", "절차 목록"}, NULL},
    {"procedures show", "NAME", 1, 1, 0, cmd_procedures_show,
	{"show a procedure's states, acts and fields",
	    "手続の状態、行為、項目を表示", "显示程序的状态、行为和字段",
	    "절차의 상태, 행위, 항목 보기"},
	NULL},
    {"procedures check", "FILE", 1, 1, 0, cmd_procedures_check,
	{"list the faults of a procedure file", "手続ファイルの誤りを調べる",
	    "检查程序文件的错误", "절차 파일의 오류 찾기"},
	NULL},
    {"check", "", 0, 0, 0, cmd_check,
	{"check the folder: pages, references, trees", "フォルダーを検査する",
	    "检查文件夹", "폴더 검사"},
	NULL},
    {"alert test", "", 0, 0, 0, cmd_alert_test,
	{"send a test by each rule of [alert]", "通知の設定を試す",
	    "测试各条提醒规则", "알림 규칙 시험"},
	"Alerts tell officers who are away from the screen that something\n"
	"waits: by mail, a web hook or a command. 'comity help settings'."},
    {"rebuild", "", 0, 0, 0, cmd_rebuild,
	{"compute again all that derives from the acts",
	    "行為から導かれるものを作り直す", "由行为重新计算全部衍生数据",
	    "행위에서 나온 것을 다시 계산"},
	NULL},
    {"completion", "SHELL", 1, 1, 0, cmd_completion,
	{"print a completion script for bash or zsh", "補完スクリプトを出力",
	    "输出命令补全脚本", "자동 완성 스크립트 출력"},
	"source <(comity completion bash)"},
    {"help", "[COMMAND|settings|man]", 0, 2, 0, cmd_help,
	{"show help", "使い方を表示", "显示帮助", "도움말"}, NULL},
    {"version", "", 0, 0, 0, cmd_version,
	{"show the version", "版を表示", "显示版本", "버전"}, NULL},
};

size_t
command_all(const struct command **ret)
{
	*ret = command;
	return COUNT(command);
}
