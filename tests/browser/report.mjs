/* report: one line a case, and what is kept of one that fails. */
import { mkdirSync } from "node:fs";
import path from "node:path";

const kept = process.env.COMITY_BROWSER_OUT ?? "";
const began = Date.now();
const count = { ok: 0, failed: 0 };

const line = (what, name) =>
	console.log(`${String(((Date.now() - began) / 1000).toFixed(1)).padStart(6)} s  ${what} ${name}`);

/* A flow stops at the first case that fails: what follows stands on it. */
export class Flow {
	constructor(name) { this.name = name; this.pages = []; }
	watch(page) { this.pages.push(page); return page; }
	async step(what, act) {
		const name = `${this.name}: ${what}`;
		try {
			const got = await act();
			const faults = this.pages.flatMap((p) => p.faults.splice(0));
			if (faults.length) throw new Error(faults.join("\n"));
			count.ok++;
			line("ok  ", name);
			return got;
		} catch (e) {
			count.failed++;
			line("FAIL", name);
			console.log(String(e?.stack ?? e).split("\n").slice(0, 14)
				.map((l) => `          ${l}`).join("\n"));
			await this.keep(name);
			throw new Stopped(name);
		}
	}
	/* Several that do not stand on each other. */
	async each(what, cases, act) {
		for (const one of cases)
			await this.step(`${what} ${one}`, () => act(one)).catch(() => undefined);
	}
	async keep(name) {
		if (!kept) return;
		mkdirSync(kept, { recursive: true });
		for (const [i, page] of this.pages.entries()) {
			const file = path.join(kept, `${name.replace(/[^\w]+/g, "-")}-${i}.png`);
			await page.screenshot({ path: file }).then(() => console.log(`          ${page.url()} ${file}`),
				() => undefined);
		}
	}
}

export class Stopped extends Error {}

export function summary() {
	console.log(`${count.ok} passed, ${count.failed} failed`);
	return count.failed || !count.ok ? 1 : 0;
}

export function same(what, got, want) {
	if (got !== want) throw new Error(`${what}: is ${JSON.stringify(got)}, not ${JSON.stringify(want)}`);
}
export function none(what, list) {
	if (list.length) throw new Error(`${what}:\n${list.join("\n")}`);
}
