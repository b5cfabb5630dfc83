/*
 * conference: real nodes of some parties on this machine, made by the command
 * line alone, for tests in a browser and for screenshots.
 *   COMITY   the program (build/src/cli/comity of the build that runs the test)
 */
import { execFile, spawn } from "node:child_process";
import { appendFile, mkdtemp, rm } from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

export const run = promisify(execFile);
export const program = process.env.COMITY;
if (!program) throw new Error("COMITY names no program");

export const names = {
	JPN: { en: "Japan", ja: "日本", zh: "日本", ko: "일본" },
	USA: { en: "United States", ja: "アメリカ合衆国", zh: "美国", ko: "미국" },
	CHN: { en: "China", ja: "中国", zh: "中国", ko: "중국" },
	KOR: { en: "Republic of Korea", ja: "大韓民国", zh: "韩国", ko: "대한민국" },
};

function freePort() {
	return new Promise((good, bad) => {
		const s = net.createServer();
		s.on("error", bad);
		s.listen(0, "127.0.0.1", () => {
			const { port } = s.address();
			s.close(() => good(port));
		});
	});
}

export async function until(what, test, ms = 20000) {
	const end = Date.now() + ms;
	for (;;) {
		const got = await test().catch(() => false);
		if (got) return got;
		if (Date.now() > end) throw new Error(`in vain: ${what}`);
		await new Promise((r) => setTimeout(r, 50));
	}
}

export class Party {
	constructor(code, folder, port) {
		Object.assign(this, { code, folder, port, child: null,
			url: `http://127.0.0.1:${port}` });
	}
	/* A command of this party's officer; its standard output. */
	async c(...args) {
		const { stdout } = await run(program, ["-C", this.folder, ...args]);
		return stdout;
	}
	async json(...args) {
		return JSON.parse(await this.c("--json", ...args));
	}
	/* An act by the command line; its citation. */
	async act(...args) {
		return (await this.json(...args)).cite;
	}
	async state(ref) {
		return (await this.json("show", ref)).state;
	}
	reaches(ref, state) {
		return until(`${ref} is ${state} at ${this.code}`,
			async () => (await this.state(ref)) === state);
	}
	async init(extra = []) {
		const args = ["init", this.folder, "--party", this.code,
			"--listen", `127.0.0.1:${this.port}`,
			"--officer", "duty", "--powers", "*", ...extra];
		for (const [lang, name] of Object.entries(names[this.code]))
			args.push("--name", `${lang}=${name}`);
		await run(program, args);
		/* All these readers and officers sit at one address. */
		await appendFile(path.join(this.folder, "comity.ini"),
			"[limits]\npage_s = 0\npublic_s = 0\nattempt_min = 0\n");
	}
	async start() {
		this.child = spawn(program, ["-C", this.folder, "serve"],
			{ stdio: ["ignore", "ignore", "inherit"] });
		await until(`${this.code} runs`,
			async () => (await fetch(this.url + "/health")).ok);
	}
	async stop() {
		if (this.child === null) return;
		const gone = new Promise((r) => this.child.once("exit", r));
		this.child.kill("SIGTERM");
		await gone;
		this.child = null;
	}
}

export async function conference(codes, extra = {}) {
	const dir = await mkdtemp(path.join(os.tmpdir(), "comity-browser-"));
	const party = {};
	for (const code of codes) {
		party[code] = new Party(code, path.join(dir, code), await freePort());
		await party[code].init(extra[code]);
		await party[code].start();
	}
	for (const p of Object.values(party))
		for (const q of Object.values(party)) {
			if (p === q) continue;
			const { fingerprint } = await q.json("status");
			await p.c("peer", "add", q.url, "--fingerprint", fingerprint);
		}
	return {
		dir, party,
		async stop() {
			await Promise.all(Object.values(party).map((p) => p.stop()));
			await rm(dir, { recursive: true, force: true });
		},
	};
}

/* The founding consensus, proposed by the first party and signed by all. */
export async function found({ party }) {
	const all = Object.values(party);
	const cite = await all[0].act("new", "conference/propose", "--to", "public",
		"--set", "name=Peace conference for Northeast Asia",
		"--set", `founders=${all.map((p) => p.code).join(",")}`,
		"--set", "venue=Tokyo",
		"--set", "principles=non_belligerency,anti_hegemonism,rule_of_law",
		"--set", "texts=en:We found a standing place for consultation. We decide by consensus, keep our lines open, and review incidents together.",
		"--set", "texts=ja:我々は協議のための常設の場を設ける。合意によって決し、連絡線を開き続け、事案を共に検証する。",
		"--set", "texts=zh:我们建立常设的磋商场所，以协商一致作出决定，保持联络畅通，共同回顾事件。",
		"--set", "texts=ko:우리는 협의를 위한 상설의 장을 둔다. 합의로 결정하고, 연락선을 열어 두며, 사건을 함께 검토한다.");
	for (const p of all) {
		await p.reaches(cite, "proposed");
		await p.act("act", cite, "conference/sign", "--answers", cite);
	}
	await Promise.all(all.map((p) => p.reaches(cite, "in_force")));
	return cite;
}
