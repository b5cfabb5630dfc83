/* Times: the reader's own zone beside UTC, countdowns that run, the clock at
 * the foot.  All go by the node's clock, as far as the page knew it. */
const root = document.documentElement, lang = root.lang || "en";
const names: Record<string, string[]> = {
	en: [" d", " h", " min", " s"], ja: ["日", "時間", "分", "秒"],
	zh: ["天", "小时", "分钟", "秒"], ko: ["일", "시간", "분", "초"],
};
const sizes = [86400, 3600, 60, 1];
const clock = document.getElementById("clock");
let ahead = 0; /* of the node's clock before ours, in milliseconds */

export const now = (): number => Date.now() + ahead;

/* The two largest units, as the node writes them; seconds always two digits
 * behind minutes, so that the line does not jump. */
export function span(ms: number): string {
	const name = names[lang] ?? names.en, gap = lang === "en" || lang === "ko" ? " " : "";
	let left = Math.floor(Math.abs(ms) / 1000), i = 0;
	while (i < 3 && left < sizes[i]) i++;
	let text = Math.floor(left / sizes[i]) + name[i];
	left %= sizes[i];
	if (i < 3 && (left >= sizes[i + 1] || i === 2)) {
		const n = String(Math.floor(left / sizes[i + 1]));
		text += gap + (i === 2 ? n.padStart(2, "0") : n) + name[i + 1];
	}
	return text;
}

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const dayOf = (t: Date, timeZone: string): string => t.toLocaleDateString("en", { timeZone });

/* "(25 November 13:31 GMT+9)"; without the day where it is the same. */
function here(t: Date): string {
	return " (" + new Intl.DateTimeFormat(lang, {
		hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short",
		...(dayOf(t, zone) === dayOf(t, "UTC") ? {} : { month: "short", day: "numeric" }),
	}).format(t) + ")";
}

function addZones(within: ParentNode): void {
	for (const e of within.querySelectorAll<HTMLTimeElement>("time[datetime*=T]")) {
		const t = new Date(e.dateTime);
		if (e === clock || isNaN(+t) || e.querySelector(".here") || t.getTimezoneOffset() === 0) continue;
		const s = document.createElement("span");
		s.className = "here soft";
		s.textContent = here(t);
		e.append(s);
	}
}

function tick(): void {
	for (const e of document.querySelectorAll<HTMLElement>("[data-due]")) {
		const left = Date.parse(e.dataset.due!) - now(), past = left < 0;
		if (isNaN(left)) continue;
		e.classList.toggle("is-alarm", past);
		e.classList.toggle("is-due", !past && left < 3600000);
		for (const [name, hide] of [["[data-left]", past], ["[data-past]", !past]] as const) {
			const part = e.querySelector<HTMLElement>(name);
			if (!part) continue;
			if (part.hidden !== hide) part.hidden = hide;
			const s = part.querySelector("[data-span]"), text = span(left);
			if (!hide && s && s.textContent !== text) s.textContent = text;
		}
	}
	if (clock)
		clock.textContent = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, {
			dateStyle: "long", timeZone: "UTC",
		}).format(now()) + (lang === "en" ? ", " : " ") + new Date(now()).toISOString().slice(11, 19) + " UTC" + (new Date().getTimezoneOffset() === 0 ? "" : here(new Date(now())));
}

/* How far is the node's clock from ours?  A page may have waited in a cache for
 * two seconds; what an officer sees has not. */
function compare(): void {
	const page = performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming | undefined;
	const theirs = Date.parse(clock?.getAttribute("datetime") ?? "");
	if (!page || isNaN(theirs)) return;
	ahead = theirs - (performance.timeOrigin + page.responseStart);
	if (Math.abs(ahead) < (document.body.dataset.officer === undefined ? 5000 : 2000)) {
		ahead = 0;
		return;
	}
	const s = document.createElement("span");
	s.className = "sign is-due";
	s.setAttribute("role", "status");
	s.textContent = (clock!.dataset.off ?? "{}").replace("{}", span(ahead));
	clock!.after(" ", s);
}

compare();
addZones(document);
tick();
setInterval(tick, 1000);
document.addEventListener("comity-swap", () => { addZones(document); tick(); });
