import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Plugin } from "vite";
import { defineConfig } from "vitest/config";

const root = import.meta.dirname;

/** Draw the icons that frontend/icons.json names from @tabler/icons into one SVG sprite (our name -> outline icon). */
function iconSprite(): Plugin {
  return {
    name: "stellwerk-icon-sprite",
    generateBundle() {
      const names = JSON.parse(readFileSync(resolve(root, "frontend/icons.json"), "utf8")) as Record<string, string>;
      const symbols = Object.entries(names).map(([ours, theirs]) => {
        const file = resolve(root, `node_modules/@tabler/icons/icons/outline/${theirs}.svg`);
        const inner = readFileSync(file, "utf8")
          .replace(/^[\s\S]*?<svg[^>]*>/, "")
          .replace("</svg>", "")
          .replace(/<path stroke="none"[^>]*\/>/, "")
          .replace(/\s+/g, " ")
          .trim();
        return `<symbol id="${ours}" viewBox="0 0 24 24">${inner}</symbol>`;
      });
      const source = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
      this.emitFile({ type: "asset", name: "icons.svg", originalFileName: "frontend/icons.svg", source });
    },
  };
}

export default defineConfig({
  root,
  base: "./",
  publicDir: false,
  plugins: [iconSprite()],
  build: {
    outDir: resolve(root, "src/stellwerk/web/static/dist"),
    emptyOutDir: true,
    manifest: "manifest.json",
    // light-dark(), nesting and :has() are used as they are: the browsers of the last two years know them.
    target: ["chrome125", "firefox128", "safari18"],
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    modulePreload: { polyfill: false },
    // htmx holds an eval that its configuration switches off and the content security policy forbids.
    rolldownOptions: { checks: { eval: false }, input: { main: resolve(root, "frontend/main.ts") } },
  },
  test: { environment: "node", include: ["frontend/tests/**/*.test.ts"] },
});
