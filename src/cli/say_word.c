/* The few words of our own around what the record says, by language. */
#include "base/num.h"
#include "cli/say.h"

/* Each row begins with English; what has no row is shown as it is. */
static const char *const word[][SAY_LANGS] = {
    {"Owed by us", "当方が行うべきこと", "我方应办", "우리가 할 일"},
    {"Owed by others", "相手方が行うべきこと", "他方应办", "상대가 할 일"},
    {"Lines", "回線", "线路", "회선"},
    {"nothing", "なし", "无", "없음"},
    {"no peers yet", "相手方の登録なし", "尚未登记他方", "등록된 상대 없음"},
    {"No matters.", "案件はありません。", "没有事项。", "안건이 없습니다."},
    {"TIME", "時間", "时间", "시간"},
    {"PARTY", "当事者", "当事方", "당사자"},
    {"NAME", "名称", "名称", "이름"},
    {"TERM", "期限事項", "期限事项", "기한 사항"},
    {"MATTER", "案件", "事项", "안건"},
    {"STATE", "状態", "状态", "상태"},
    {"SUBJECT", "件名", "主题", "제목"},
    {"WAITING", "未送", "待发", "대기"},
    {"HEARD", "最終受信", "最近收到", "최근 수신"},
    {"ADDRESS", "番地", "地址", "주소"},
    {"PROCEDURE", "手続", "程序", "절차"},
    {"SINCE", "以来", "自", "이후"},
    {"ACTS", "行為", "行为", "행위"},
    {"ENTRIES", "記載数", "条目数", "항목 수"},
    {"FINGERPRINT", "指紋", "指纹", "지문"},
    {"OF", "義務者", "承担方", "담당"},
    {"KIND", "種類", "种类", "종류"},
    {"DUE", "期限", "期限", "기한"},
    {"STATUS", "履行", "履行情况", "이행"},
    {"up", "接続", "畅通", "연결됨"},
    {"down", "不通", "中断", "끊김"},
    {"no address", "番地なし", "无地址", "주소 없음"},
    {"not tried yet", "未試行", "尚未尝试", "아직 시도 안 함"},
    {"stopped", "停止", "停止", "멈춤"},
    {"duty", "義務", "义务", "의무"},
    {"right", "権利", "权利", "권리"},
    {"alarm", "警報", "警报", "경보"},
    {"open", "未了", "未完成", "미완"},
    {"done", "済み", "已完成", "완료"},
    {"late", "遅れて済み", "逾期完成", "늦게 완료"},
    {"past", "期限超過", "已逾期", "기한 넘김"},
    {"lapsed", "失効", "已失效", "소멸"},
    {"released", "免除", "已免除", "면제"},
    {"State", "状態", "状态", "상태"},
    {"(final)", "（終局）", "（终结）", "(종결)"},
    {"Audience", "閲覧者", "可阅方", "열람자"},
    {"Conference", "会議", "会议", "회의"},
    {"You may now", "今できること", "现在可作", "지금 할 수 있는 것"},
    {"to", "宛先", "致", "수신"},
    {"answers", "応答の対象", "答复", "답하는 행위"},
    {"matter", "案件", "事项", "안건"},
    {"amends", "訂正の対象", "更正", "고치는 행위"},
    {"remark", "注記", "附注", "비고"},
    {"witnessed", "立会い", "见证", "증인"},
    {"void", "無効", "无效", "무효"},
};

struct str
say_word(struct str english, enum say_lang lang)
{
	for (size_t i = 0; i < COUNT(word); i++)
		if (str_is(english, word[i][SAY_EN]))
			return str_of(word[i][lang]);
	return english;
}

void
say_table_heads(struct say_table *t, struct arena *a, enum say_lang lang,
    size_t columns, const char *const *head)
{
	struct str *row = arena_array(a, columns, struct str);

	if (row == NULL) {
		*t = (struct say_table){.columns = columns, .failed = true};
		return;
	}
	for (size_t i = 0; i < columns; i++)
		row[i] = say_word(str_of(head[i]), lang);
	say_table_begin(t, a, columns, row);
}

struct str
say_left_in(struct arena *a, enum say_lang lang, const struct js *due,
    int64_t left_us)
{
	static const char *const left[SAY_LANGS] = {NULL, "残り", "剩余",
	    "남음"};
	static const char *const over[SAY_LANGS] = {NULL, "超過", "逾期",
	    "지남"};
	struct str s = say_left(a, due, left_us);

	if (lang == SAY_EN || js_type(due) != JS_TEXT)
		return s;
	return str_fmt(a, "%s %.*s", left_us < 0 ? over[lang] : left[lang],
	    STR_ARG(str_sub(s, 0, s.n - 5))); /* " left", " over" */
}
