/* Every page: no dead link, nothing that some people cannot use, in light and
 * in dark; nothing beyond the side of a narrow window, in each language. */
import { overflows, person, violations } from "./browser.mjs";
import { none } from "./report.mjs";

export const languages = ["en", "ja", "zh", "ko"];
const PAGES = 400; /* of one reader, at most */

/* Pages of one kind are looked at once: a citation or a hash is one of many. */
const kind = (url) => url.pathname
	.replace(/[A-Z][A-Z0-9-]*-\d+/g, "REF").replace(/[0-9a-f]{64}/g, "ID")
	.replace(/^(\/logs\/)[A-Z]+/, "$1CODE").replace(/^(\/procedures\/).+/, "$1NAME")
	.replace(/^(\/new\/)[^/]+\/.+/, "$1KIND").replace(/\/do\/.+/, "/do/ACT");

/* From a first page on, all that links lead to; { kind: url } of the pages.  `at`
 * asks as the reader does (its cookies).  A link that cannot be opened is a fault. */
export async function crawl(at, base, from) {
	const seen = new Set(), queue = from.map((path) => ({ url: new URL(path, base), by: "" }));
	const pages = new Map(), dead = [];
	while (queue.length > 0 && seen.size < PAGES) {
		const { url, by } = queue.shift();
		url.hash = "";
		url.searchParams.delete("lang");
		if (url.origin !== new URL(base).origin || seen.has(url.href)) continue;
		seen.add(url.href);
		const got = await at.get(url.href, { headers: { Accept: "text/html" }, maxRedirects: 0 });
		const type = got.headers()["content-type"] ?? "";
		if (got.status() >= 300) {
			dead.push(`${got.status()} ${url.href}, on ${by}`);
			continue;
		}
		if (!type.startsWith("text/html")) continue;
		const known = pages.has(kind(url));
		if (!known) pages.set(kind(url), url.pathname + url.search);
		/* Of a kind that is known, each page's own links are of known kinds. */
		for (const [, href] of (await got.text()).matchAll(/<(?:a|link)\b[^>]*\bhref="([^"#]+)/g))
			queue.push({ url: new URL(href.replaceAll("&amp;", "&"), url), by: url.pathname });
	}
	return { pages, dead, seen };
}

/* Each page in light and dark by axe-core, and narrow in each language. */
export async function look(flow, browser, base, pages, cookies) {
	const one = await person(browser, { lang: "en" });
	flow.watch(one);
	if (cookies) await one.context().addCookies(cookies);
	for (const [name, path] of pages)
		await flow.step(`${name}: light, dark, and narrow in each language`, async () => {
			await one.setViewportSize({ width: 1280, height: 900 });
			for (const colorScheme of ["light", "dark"]) {
				await one.emulateMedia({ colorScheme });
				if (colorScheme === "light") await one.goto(base + path);
				none(`${path} ${colorScheme}: axe-core`, await violations(one));
			}
			await one.setViewportSize({ width: 320, height: 640 });
			for (const lang of languages) {
				const to = new URL(base + path);
				to.searchParams.set("lang", lang);
				await one.goto(to.href);
				none(`${path} ${lang}: beyond the side at 320 px`, await overflows(one));
			}
		}).catch(() => undefined);
	await one.context().close();
}
