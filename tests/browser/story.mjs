/* story: what a conference has before it, so that pages have something to show:
 * a session, a message answered, an incident with two accounts, a text under
 * silence, a notification on short notice, a message that nobody answered yet. */
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
	return { session, message, incident, text, notice };
}
