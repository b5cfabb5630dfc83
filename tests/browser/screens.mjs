/* Pictures of every page, in light and in dark, into a folder; some narrow, and
 * some in other languages.  All are of one conference that is made for it. */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { launch, person } from "./browser.mjs";
import { conference, found, run } from "./conference.mjs";
import { Hand } from "./hand.mjs";
import { crawl } from "./pages.mjs";
import { story } from "./story.mjs";

const folder = process.argv[2];
await mkdir(folder, { recursive: true });

async function shot(page, name) {
	const file = path.join(folder, `${name}.png`);
	await page.screenshot({ path: file });
	await run("pngquant", ["--force", "--ext", ".png", "--speed", "1", "16", file]);
	console.log(file);
}

const browser = await launch();
const at = await conference(["KOR", "JPN", "USA", "CHN"]);
try {
	const founding = await found(at), told = await story(at, founding), { JPN, CHN } = at.party;
	const page = await person(browser, { height: 800 }), hand = new Hand(page);
	await hand.go(`${JPN.url}/enrol`);
	await page.getByLabel(hand.w("enrol.name")).fill("Watch 1");
	await hand.button("enrol.do").click();
	await page.locator("img.code:not([hidden])").waitFor();
	for (const colorScheme of ["dark", "light"]) {
		await page.emulateMedia({ colorScheme });
		await shot(page, `enrol-waiting-${colorScheme}`);
	}
	await JPN.c("officer", "grant", "Watch 1", "--powers", "*", "--officer", "duty",
		"--key", (await page.locator("[data-put=words]").textContent()).trim());
	await hand.arrives("/board");
	const stranger = await browser.newContext();
	const out = await crawl(stranger.request, JPN.url, ["/", "/matters"]);
	const inside = await crawl(page.context().request, JPN.url, ["/board", `/matters/${told.incident}`]);
	const outside = await person(browser, { height: 800 });
	const names = (all) => [...all].map(([kind, to]) =>
		[kind.replace(/^\/$/, "front").replace(/^\//, "").replace(/[^\w]+/g, "-"), to]);
	for (const [who, list, side] of [[page, names(inside.pages), ""], [outside, names(out.pages), "public-"]])
		for (const [name, to] of list) {
			await who.goto(JPN.url + to);
			for (const colorScheme of ["light", "dark"]) {
				await who.emulateMedia({ colorScheme });
				await shot(who, `${side}${name}-${colorScheme}`);
			}
		}
	await outside.emulateMedia({ colorScheme: "light" });
	await outside.goto(JPN.url);
	await shot(outside, "public");
	await page.emulateMedia({ colorScheme: "dark" });
	const cry = await CHN.act("new", "message/send", "--to", "JPN", "--set", "precedence=emergency",
		"--set", "subject=Vessel in distress",
		"--set", "message=en:A ferry has lost its engines at 33N 129E. Please answer.");
	await JPN.reaches(cry, "sent");
	for (const lang of ["en", "ja", "zh", "ko"]) {
		await hand.go(`${JPN.url}/board?lang=${lang}`);
		await page.locator("#crisis:not([hidden])").waitFor();
		await shot(page, lang === "en" ? "board" : `board-crisis-${lang}`);
	}
	await hand.go(`${JPN.url}/matters/${told.incident}?lang=ja`);
	await shot(page, "matter-ja");
	await hand.go(`${JPN.url}/matters/${cry}/do/acknowledge?lang=en`);
	await page.emulateMedia({ colorScheme: "light" });
	await hand.button("form.sign").click();
	await page.getByRole("dialog").waitFor();
	await shot(page, "signing");
	await page.setViewportSize({ width: 320, height: 640 });
	await hand.go(`${JPN.url}/board?lang=ko`);
	await shot(page, "board-narrow-ko");
} finally {
	await browser.close();
	await at.stop();
}
