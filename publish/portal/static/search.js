// Ranks what the search boxes find, as `luminaldb search` does (loaders/search/ranking.py); the tests compare the two.
(() => {
  "use strict";
  const SPELLINGS = [["ae", "e"], ["oe", "e"], ["our", "or"], ["z", "s"]];
  const DASHES = /[\u00ad\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/g;
  const NEGATIVE = /(?<![\p{L}\p{N}_])(her2|hr|er|pr|pgr)\s?-(?=$|[\s/,;)])/gu;
  const ATOM = /[\p{L}\p{N}]+\+?/gu;

  const spell = (atom) => {
    let word = atom;
    for (const [british, form] of SPELLINGS) word = word.replaceAll(british, form);
    return word.length >= 4 && word.endsWith("s") && !/(ss|is|us)$/.test(word) ? word.slice(0, -1) : word;
  };
  const fold = (text) => text.replace(DASHES, "-").normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(NEGATIVE, "$1 negative");
  const split = (text) => (fold(text).match(ATOM) ?? []).map((atom) => (atom === "without" ? "no" : spell(atom)));

  // How many letters part two words (Levenshtein), given up beyond a limit.
  const apart = (a, b, limit) => {
    if (Math.abs(a.length - b.length) > limit) return limit + 1;
    let line = Array.from({ length: b.length + 1 }, (_, n) => n);
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++)
        next.push(Math.min(line[j] + 1, next[j - 1] + 1, line[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
      if (Math.min(...next) > limit) return limit + 1;
      line = next;
    }
    return Math.min(line[b.length], limit + 1);
  };

  const make = (data) => {
    const { weights: w, kinds, tokens } = data;
    const phrases = new Map(Object.entries(data.phrases));
    const skipped = new Set(data.skipped);
    const wrapped = new RegExp(data.wrapped, "i");
    const identifier = new RegExp(data.identifier);
    const postings = new Map(tokens.map((token) => [token, []]));
    const words = tokens.filter((token) => !token.includes(":"));
    const names = new Map();
    const documents = data.documents.map(([kind, title, detail, address, prior, about, compared, mentioned, called], number) => {
      for (const [steps, weight] of [about, compared, mentioned].map((own, n) => [own, w.tokens[n]])) {
        let at = 0;
        for (const step of steps) postings.get(tokens[(at += step)]).push([number, weight]);
      }
      for (const name of called) names.set(name, [...(names.get(name) ?? []), number]);
      return { kind: kinds[kind], title, detail, address, prior, named: called.length > 0 };
    });
    const retired = new Map(data.retired.map(([key, address, detail]) => [key.toLowerCase(), { kind: "retired", title: key, detail, address }]));

    const bare = (text) => {
      const trimmed = text.trim();
      const taken = trimmed.replace(wrapped, "");
      return taken === trimmed ? trimmed : taken.replace(/[/?#]*$/, "").trim();
    };
    const corrected = (word) => {
      if (word.length < w.misspelt || /\p{N}/u.test(word) || skipped.has(word)) return word;
      if (postings.has(word) || phrases.has(word) || words.some((t) => t.startsWith(word))) return word;
      const limit = Math.max(1, Math.floor(word.length / 4));
      let best = null;
      for (const other of words) {
        if (!/^\p{L}+$/u.test(other)) continue;
        const distance = apart(word, other, limit);
        if (distance <= limit && (!best || distance < best[0] || (distance === best[0] && other < best[1]))) best = [distance, other];
      }
      return best ? best[1] : word;
    };
    const raise = (term, token, weight) => term.set(token, Math.max(weight, term.get(token) ?? 0));
    const completed = (word, last) => {
      const term = new Map(postings.has(word) ? [[word, 1]] : []);
      if ((last || !term.size) && word.length >= w.prefix && !/^\p{N}+$/u.test(word)) {
        const longer = words.filter((t) => t.startsWith(word) && t !== word).sort((a, b) => (a < b ? -1 : 1));
        for (const other of longer.slice(0, w.completions)) {
          raise(term, other, w.completed * w.word);
          for (const [topic, weight] of phrases.get(other) ?? []) raise(term, topic, w.completed * weight);
        }
      }
      return term;
    };
    const terms = (asked) => {
      const result = [];
      let at = 0;
      while (at < asked.length) {
        let taken = 0;
        for (let length = Math.min(w.span, asked.length - at); length && !taken; length--) {
          const found = phrases.get(asked.slice(at, at + length).join(""));
          if (!found || (length === 1 && skipped.has(asked[at]))) continue;
          const term = new Map(found);
          if (length === 1) term.set(asked[at], w.word);
          result.push(term);
          taken = length;
        }
        if (!taken && !skipped.has(asked[at])) {
          result.push(completed(asked[at], at === asked.length - 1));
        }
        at += taken || 1;
      }
      return result;
    };

    // Whether all that a term means is of some kinds: HER2 is a gene and a status as well as a class of drugs.
    const isOf = (term, kinds) => {
      const topics = [...term.keys()].filter((token) => token.includes(":"));
      return topics.length > 0 && topics.every((topic) => kinds.some((kind) => topic.startsWith(kind)));
    };
    // The best weight of a term's topics in each document.
    const topical = (term) => {
      const best = new Map();
      for (const token of term.keys())
        if (token.includes(":")) for (const [number, own] of postings.get(token) ?? []) best.set(number, Math.max(own, best.get(number) ?? 0));
      return best;
    };
    // Whether a result is about one drug against what has the other, or of two classes about both.
    const comparison = (drugs) => {
      const best = drugs.map(topical);
      const isClass = drugs.some((term) => isOf(term, ["class:"]));
      return (number) => {
        const [a, b] = best.map((weights) => weights.get(number) ?? 0);
        return documents[number].title.includes(" against ") && (a !== b || isClass) && Math.max(a, b) === w.tokens[0] && Math.min(a, b) > 0;
      };
    };
    const find = (query) => {
      const asked = bare(query);
      const gone = retired.get(query.trim().toLowerCase());
      let exact = names.get(split(asked).join("")) ?? [];
      if (identifier.test(asked.toLowerCase()) && !phrases.has(split(asked).join(""))) return exact.map((n) => documents[n]);
      const typed = split(asked).map(corrected);
      if (!exact.length) exact = names.get(typed.join("")) ?? [];
      const found = new Map();
      let whole = 0;
      let asks = terms(typed);
      // A word that nothing knows, beside words that name no thing: chance matches are no answers.
      if (asks.some((term) => !term.size) && !asks.some((term) => [...term.keys()].some((t) => t.includes(":")))) asks = [];
      for (const term of asks) {
        const best = new Map();
        for (const [token, weight] of term)
          for (const [number, own] of postings.get(token) ?? []) best.set(number, Math.max(best.get(number) ?? 0, weight * own));
        const common = Math.log(1 + documents.length / Math.max(1, best.size));
        whole += common;
        for (const [number, own] of best) {
          const hit = found.get(number) ?? { rarity: 0, share: 0, met: 0 };
          hit.met++;
          hit.rarity += common * own;
          hit.share += common;
          found.set(number, hit);
        }
      }
      const beginning = split(asked).join("");
      const drugs = asks.filter((term) => isOf(term, data.drugs));
      const compares = drugs.length === 2 && typed.some((word) => data.comparing.includes(word)) ? comparison(drugs) : null;
      const hits = [...found].filter(([, { share }]) => share / whole >= w.least).map(([number, { rarity, share, met }]) => {
        const document = documents[number];
        let score = rarity * (share / whole) ** w.coverage * document.prior;
        if (compares && met === asks.length && compares(number)) score *= w.direct;
        if (exact.includes(number)) score += w.exact * document.prior;
        else if (document.named && beginning.length > w.prefix && split(document.title).join("").startsWith(beginning)) score *= w.beginning;
        return [Math.round(score * 1e6), number];
      });
      for (const number of exact) if (!found.has(number)) hits.push([w.exact * documents[number].prior * 1e6, number]);
      hits.sort((a, b) => b[0] - a[0] || a[1] - b[1]);
      const live = hits.map(([, number]) => documents[number]);
      if (hits.length && !exact.length && !gone) {
        const named = asks.filter((term) => isOf(term, data.named));
        const measured = named.filter((term) => isOf(term, data.measured));
        const has = (number) => (term) => [...term.keys()].some((token) => (postings.get(token) ?? []).some(([n]) => n === number));
        const meets = (number) => named.every((term) => measured.includes(term) || has(number)(term)) && (!measured.length || measured.some(has(number)));
        const better = hits.slice(0, w.shown).map(([, number]) => number).filter((number, n) => n === 0 || 2 * (found.get(number)?.met ?? 0) > asks.length);
        const unknown = typed.filter((word) => terms([word]).some((term) => !term.size));
        if (unknown.length) live.note = data.notes.unknown.replace("{}", unknown.join(", "));
        else if (!better.some(meets)) live.note = data.notes.partly;
        else if (compares && !hits.some(([, number]) => compares(number))) live.note = data.notes.compared;
      }
      return gone ? (exact.length ? [...live, gone] : [gone, ...live]) : live;
    };
    return { find, split };
  };
  window.luminaldb ??= {};
  window.luminaldb.searchEngine = make;
})();
