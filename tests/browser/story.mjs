/* story: what a conference has before it, so that pages have something to show:
 * a session, a message answered, an incident with two accounts, a text under
 * silence, a notification on short notice, a message that nobody answered yet;
 * and what it has decided. */
const at = (hours) => new Date(Date.now() + hours * 3600000)
	.toISOString().replace(/:\d\d\.\d+Z/, "Z");
const set = (values) => values.flatMap((v) => ["--set", v]);

export async function story({ party }, founding) {
	const [a, b, c = a] = Object.values(party), all = Object.values(party);
	const reached = (cite, state) => Promise.all(all.map((p) => p.reaches(cite, state)));
	const session = await a.act("new", "session/convene", "--in", founding, "--to", "public",
		...set(["title=First session", "number=1", `start=${at(30)}`, `end=${at(34)}`,
			`chair=${a.code}`, "venue=Seoul", "format=hybrid", "openness=partly",
			"attribution=party_only", "agenda=Lines of communication", "agenda=Review of incidents"]));
	const message = await a.act("new", "message/send", "--to", b.code,
		...set(["precedence=priority", "subject=Drifting buoy", `reply_by=${at(2)}`,
			"message=en:A buoy drifts towards the shipping lane at 30N 125E. Is it yours?"]));
	await b.reaches(message, "sent");
	await b.act("act", message, "message/acknowledge", ...set(["received_as=priority", "officer=Watch 2"]));
	await b.act("act", message, "message/reply",
		...set(["message=en:It is ours. A vessel takes it in within two hours."]));
	const incident = await b.act("new", "incident/report", "--in", founding, "--to", "members",
		...set(["title=Close approach of two patrol vessels", `occurred=${at(-6)}`, "domain=sea",
			"severity=serious", "near_miss=true", `involved=${a.code},${b.code}`,
			'place={"lat":30.2,"lon":126.1,"names":{"en":"East China Sea","ja":"東シナ海","zh":"东海","ko":"동중국해"}}',
			'distance={"low":90,"high":120}', "actions=approach,crossing",
			"narrative=The other vessel crossed ahead at about 100 metres."]));
	await reached(incident, "reported");
	await a.act("act", incident, "incident/account", ...set(['distance={"low":200,"high":300}',
		"narrative=We kept clear; the other vessel had turned towards us before."]));
	await b.act("act", incident, "incident/account", ...set(['distance={"low":90,"high":120}',
		"narrative=We held course and speed; the other vessel crossed ahead."]));
	const text = await c.act("new", "text/draft", "--in", founding, "--to", "public",
		...set(["title=Lines stay open", "kind=statement", "texts=en:Lines stay open at all times.",
			"texts=ja:連絡線は常に開かれている。", "texts=zh:联络线始终保持畅通。",
			"texts=ko:연락선은 항상 열려 있다."]));
	await c.act("act", text, "text/silence", "--answers", text,
		"--set", `expiry=${at(25).replace("Z", ":00Z")}`);
	const notice = await a.act("new", "notification/notify", "--in", founding, "--to", "members",
		...set(["activity=exercise", "designation=Steady Watch", `start=${at(240)}`, `end=${at(288)}`,
			'areas={"circle":{"lat":33.5,"lon":129.5,"radius":50000}}', "personnel=900", "ships=4"]));
	await reached(text, "silence");
	await reached(notice, "notified");
	await standing(founding, a, b, c);
	return { session, message, incident, text, notice };
}

/* What stands: a session that concluded, a deliberation that one side reported,
 * an agreement in force and one that is signed only, a commitment, a review, a
 * post, a check. */
async function standing(founding, a, b, c) {
	const open = (kind, who, values, to = "public") =>
		who.act("new", kind, "--in", founding, "--to", to, ...set(values));
	const session = await open("session/convene", a, ["title=Opening session", "number=1", `start=${at(2)}`,
		`end=${at(6)}`, `chair=${a.code}`, "venue=Busan", "format=in_person", "openness=open",
		"attribution=attributed", "agenda=Rules of procedure"]);
	const both = (cite, state) => Promise.all([a, b, c].map((p) => p.reaches(cite, state)));
	await both(session, "convened");
	for (const p of [a, b])
		await p.act("act", session, "session/attend", ...set(["presence=in_person", "delegation=Head of delegation"]));
	await a.act("act", session, "session/open");
	await both(session, "open");
	await a.act("act", session, "session/conclude", ...set(["texts=en:The chair notes that the parties keep their lines open.",
		"texts=ko:의장은 당사자들이 연락선을 열어 둔다는 점에 유의한다."]));
	await both(session, "chaired");
	await a.act("act", session, "session/record", "--set", "record=Two parties spoke to each item.");
	const talks = await open("deliberation/begin", a, ["topic=Fisheries near the median line", "level=track1",
		`report_by=${at(26)}`, `mandate=${session}`], b.code);
	await b.reaches(talks, "proposed");
	await b.act("act", talks, "deliberation/agree");
	await a.reaches(talks, "under_way");
	await a.act("act", talks, "deliberation/report", "--to", "public", "--set", "report=We met twice and agreed on a list of vessels.");
	const memo = await open("agreement/register", a, ["title=Memorandum on a maritime hotline", "bindingness=memorandum",
		"texts=en:A hotline is kept.", `signatories=${a.code},${b.code}`, "force=signature",
		'clauses={"clause":"1","topic":"hotline"}']);
	const treaty = await open("agreement/register", a, ["title=Treaty on prior notification", "bindingness=treaty",
		"texts=en:Exercises are notified.", `signatories=${a.code},${b.code}`, "force=ratification",
		'clauses={"clause":"1","topic":"notification"}']);
	for (const cite of [memo, treaty]) {
		await b.reaches(cite, "open");
		await a.act("act", cite, "agreement/sign");
		await b.act("act", cite, "agreement/sign");
	}
	await a.reaches(memo, "in_force");
	const promise = await open("commitment/register", a, [`agreement=${memo}`, "clause=1",
		"commitment=Test the hotline each week", `owner=${b.code}`, `due=${at(72)}`]);
	await b.reaches(promise, "open");
	const evidence = await b.act("act", promise, "commitment/evidence", "--set", "evidence=Tested on four Mondays.");
	await a.reaches(promise, "reported");
	await a.act("act", promise, "commitment/assess", "--answers", evidence, ...set(["score=2", "reason=One test failed."]));
	const review = await open("review/open", a, ["title=Incidents of the second half of 2026",
		'period={"start":"2026-07-01","end":"2026-12-31"}', `cut_off=${at(480)}`, `contribute_by=${at(600)}`, `draft_by=${at(960)}`]);
	await b.reaches(review, "collecting");
	await b.act("act", review, "review/contribute", "--set", "contribution=Two encounters at sea, both clarified.");
	await open("post/nominate", a, ["function=duty", "office=Crisis duty office", "languages=en", "hours=24/7",
		"channels=+82 2 0000 0000"], "members");
	const check = await open("check/call", a, ["kind=drill", "test_text=The quick brown fox"], "members");
	await b.reaches(check, "called");
	await b.act("act", check, "check/answer", "--set", "received=The quick brown fox");
}
