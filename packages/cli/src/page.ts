/** What the pages that reports write have in common: self-contained, without scripts. */

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

export const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (character) => escapes[character] as string)

const style = `
  :root { color-scheme: light; }
  body { font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fafafa; margin: 2rem auto; max-width: 62rem; padding: 0 1rem; }
  h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; } h3 { font-size: 1rem; margin: 1.5rem 0 .4rem; }
  table { border-collapse: collapse; width: 100%; background: #fff; font-variant-numeric: tabular-nums; font-size: 13px; margin: .5rem 0 1rem; }
  th, td { text-align: right; padding: .3rem .5rem; border-bottom: 1px solid #e3e3e3; }
  .left { text-align: left; } .strong td { background: #eef5fb; font-weight: 600; }
  .bad td { background: #fbe3e3; } .unsure td { background: #fdf5d8; }
  figure { margin: .5rem; background: #fff; border: 1px solid #e3e3e3; border-radius: 6px; padding: .5rem; }
  .plots { display: flex; flex-wrap: wrap; } svg { max-width: 100%; height: auto; } .note { color: #555; }`

/** A sentence or several. */
export const paragraph = (text: string): string => `<p>${escapeHtml(text)}</p>`

/** What stands beside the matter, in grey. */
export const note = (text: string): string => `<p class="note">${escapeHtml(text)}</p>`

/** Short texts one below the other; nothing where there are none. */
export const listing = (items: readonly string[]): string =>
  items.length === 0 ? '' : `<ul class="note">${items.map((item) => `<li>${escapeHtml(item)}</li>`).join('\n')}</ul>`

/** Drawings side by side, as many as fit. */
export const plots = (svgs: readonly string[]): string =>
  `<div class="plots">${svgs.map((svg) => `<figure>${svg}</figure>`).join('\n')}</div>`

/** A whole page; `body` is HTML. */
export const renderPage = (
  { title, heading, facts }: { readonly title: string; readonly heading: string; readonly facts: readonly string[] },
  body: readonly string[],
): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title><style>${style}</style></head>
<body><h1>${escapeHtml(heading)}</h1>
<p class="note">${facts.map(escapeHtml).join(' · ')}</p>
${body.join('\n')}
</body></html>
`
