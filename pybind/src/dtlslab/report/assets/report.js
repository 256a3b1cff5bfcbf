// SPDX-License-Identifier: MIT
// Filters with their state in the address (#section?verdict=fail,crash&stack=openssl&text=cookie), and copy buttons.
"use strict";

(() => {
    for (const button of document.querySelectorAll("button.copy")) {
        button.hidden = false;
        button.addEventListener("click", async () => {
            const code = button.parentElement.querySelector("code");
            try {
                await navigator.clipboard.writeText(code.textContent);
            } catch {
                const range = document.createRange();
                range.selectNodeContents(code);
                const selection = getSelection();
                selection.removeAllRanges();
                selection.addRange(range);
                document.execCommand("copy");
            }
            button.textContent = "Copied";
            setTimeout(() => { button.textContent = "Copy"; }, 1500);
        });
    }

    const form = document.querySelector(".filters form");
    if (!form) {
        return;
    }
    form.hidden = false;
    const output = form.querySelector("output");
    const nothing = document.querySelector(".nothing");
    const units = [...document.querySelectorAll(".unit")].map((element) => ({
        element,
        text: element.dataset.t,
        cells: [...element.querySelectorAll(".cell")].map((cell) => ({
            element: cell,
            verdict: cell.dataset.v,
            stacks: cell.dataset.s.split("|"),
            text: cell.title.toLowerCase(),
        })),
    }));
    const findings = [...document.querySelectorAll(".finding")];
    let section = "";

    function read() {
        const data = new FormData(form);
        return {
            verdicts: data.getAll("verdict"),
            stack: data.get("stack"),
            words: data.get("text").toLowerCase().split(/\s+/).filter(Boolean),
        };
    }

    function apply() {
        const { verdicts, stack, words } = read();
        const fits = (verdict, stacks) =>
            (!verdicts.length || verdicts.includes(verdict)) && (!stack || stacks.includes(stack));
        let shown = 0;
        let total = 0;
        for (const unit of units) {
            let any = false;
            for (const cell of unit.cells) {
                const named = words.every((word) => unit.text.includes(word) || cell.text.includes(word));
                const on = named && fits(cell.verdict, cell.stacks);
                cell.element.classList.toggle("off", !on);
                any = any || on;
                shown += on;
                total += 1;
            }
            unit.element.hidden = !any;
        }
        for (const row of findings) {
            const text = row.dataset.t;
            row.hidden = !(words.every((word) => text.includes(word)) && fits(row.dataset.v, row.dataset.s.split("|")));
        }
        for (const body of document.querySelectorAll("tbody")) {
            const rows = [...body.querySelectorAll(".unit")];
            body.hidden = rows.length > 0 && !body.closest(".unit") && rows.every((row) => row.hidden);
        }
        for (const box of document.querySelectorAll(".departures, .rest")) {
            box.hidden = [...box.querySelectorAll(".finding")].every((row) => row.hidden);
        }
        const filtered = verdicts.length || stack || words.length;
        output.textContent = filtered ? `${shown} of ${total} cells` : "";
        nothing.hidden = shown > 0 || total === 0;
    }

    function write() {
        const data = read();
        const query = new URLSearchParams();
        if (data.verdicts.length) {
            query.set("verdict", data.verdicts.join(","));
        }
        if (data.stack) {
            query.set("stack", data.stack);
        }
        const text = new FormData(form).get("text").trim();
        if (text) {
            query.set("text", text);
        }
        const state = query.toString();
        const hash = section + (state ? `?${state}` : "");
        history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
    }

    function restore() {
        const [name, state] = location.hash.slice(1).split("?");
        section = name;
        if (state !== undefined) {
            const query = new URLSearchParams(state);
            const verdicts = (query.get("verdict") || "").split(",");
            for (const box of form.querySelectorAll("input[name=verdict]")) {
                box.checked = verdicts.includes(box.value);
            }
            form.elements.stack.value = query.get("stack") || "";
            form.elements.text.value = query.get("text") || "";
            if (name) {
                document.getElementById(name)?.scrollIntoView();
            }
        }
        apply();
    }

    form.addEventListener("input", () => { apply(); write(); });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(() => { section = ""; apply(); write(); }));
    for (const link of document.querySelectorAll(".filters nav a")) {
        link.addEventListener("click", (event) => {
            event.preventDefault();
            section = link.hash.slice(1);
            write();
            document.getElementById(section)?.scrollIntoView();
        });
    }
    window.addEventListener("hashchange", restore);
    restore();
})();
