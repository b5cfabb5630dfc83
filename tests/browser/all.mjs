/* All flows, of one conference: four parties, each in its language, at once. */
import { launch } from "./browser.mjs";
import { comment } from "./comment.mjs";
import { conference, found, program } from "./conference.mjs";
import { enrolled, night, signedOut } from "./night.mjs";
import { crawl, languages, look } from "./pages.mjs";
import { Flow, none, Stopped, summary } from "./report.mjs";
import { story } from "./story.mjs";
import { text } from "./text.mjs";

/* Each language with a window of its own: keyboard alone, dark, narrow. */
const how = {
	USA: { lang: "en", keyboard: true },
	JPN: { lang: "ja", dark: true },
	CHN: { lang: "zh", width: 320, height: 640 },
	KOR: { lang: "ko", width: 320, height: 640, dark: true },
};
const args = process.argv.slice(2), spoken = languages.filter((l) => args.includes(l));
const flows = args.filter((a) => !spoken.includes(a));
const wanted = (name) => flows.length === 0 || flows.includes(name);
const acting = Object.keys(how)
	.filter((code) => spoken.length === 0 || spoken.includes(how[code].lang));
const codes = acting.length > 1 ? acting
	: [...acting, Object.keys(how).find((code) => code !== acting[0])];
const after = (list, i, n) => list[(i + n) % list.length];

/* What runs beside others stops alone. */
const stopping = (act) => act.catch((e) => { if (!(e instanceof Stopped)) throw e; });

const browser = await launch();
const at = await conference(codes);
try {
	const founding = await found(at);
	const officers = {};
	await Promise.all(codes.map((code, i) => stopping((async () => {
		const flow = new Flow(`night ${how[code].lang}`), party = at.party[code];
		officers[code] = await enrolled(flow, browser, party, how[code]);
		Object.assign(officers[code].a, { party, program, dir: at.dir });
		if (wanted("night"))
			await night(flow, party, at.party[after(codes, i, 1)], officers[code]);
	})())));
	if (wanted("text"))
		await Promise.all(codes.map((code, i) => stopping((async () => {
			const flow = new Flow(`text ${how[code].lang}`), other = after(codes, i, 1);
			const mine = officers[code]?.a, theirs = officers[other]?.b;
			if (!mine || !theirs) return;
			flow.watch(mine.page);
			flow.watch(theirs.page);
			await text(flow, founding, mine, { ...theirs, party: at.party[other] },
				codes.filter((c) => c !== code && c !== other).map((c) => at.party[c]));
		})())));
	if (wanted("comment") && officers[codes[0]])
		await stopping(comment(new Flow("comment"), browser, founding,
			at.party[codes[0]], officers[codes[0]], { lang: "zh", width: 320 }));
	const leaving = wanted("night") ? codes.map((code) => officers[code] && stopping(
		signedOut(new Flow(`night ${how[code].lang}`), at.party[code], officers[code]))) : [];
	if (wanted("pages")) {
		if (wanted("night")) /* the story's officer signs alone */
			await Promise.all(codes.map((code) => at.party[code].c("officer", "demand")));
		await story(at, founding);
		/* the officer who stays */
		const flow = new Flow("pages"), { url } = at.party[codes[0]], { page } = officers[codes[0]].b;
		const stranger = await browser.newContext();
		const out = await crawl(stranger.request, url, ["/", "/matters"]);
		const inside = await crawl(page.context().request, url, ["/board"]);
		await flow.step(`no dead link for the public (${out.seen.size} looked at)`,
			async () => none("dead", out.dead)).catch(() => undefined);
		await flow.step(`no dead link for officers (${inside.seen.size} looked at)`,
			async () => none("dead", inside.dead)).catch(() => undefined);
		const cookies = await page.context().cookies();
		const more = [...inside.pages].filter(([name]) => !out.pages.has(name));
		await Promise.all([
			look(new Flow("pages"), browser, url, out.pages, null),
			look(new Flow("pages"), browser, url, more, cookies)]);
	}
	await Promise.all(leaving);
} finally {
	await browser.close();
	await at.stop();
}
process.exitCode = summary();
