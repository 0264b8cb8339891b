/** The only file that loads ECharts, in the parts we use. */
import { BarChart, LineChart, ScatterChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";
import { language, t } from "../lib/texts";
import { optionsFor } from "./options";
import { readTokens } from "./tokens";

use([LineChart, BarChart, ScatterChart, GridComponent, TooltipComponent, MarkLineComponent, LegendComponent, AriaComponent, LabelLayout, SVGRenderer]);

export function mount(canvas: HTMLElement, kind: string, data: unknown): { redraw: () => void; resize: () => void } {
  const chart = init(canvas, null, { renderer: "svg" });
  const redraw = (): void => {
    const setting = {
      tokens: readTokens(canvas),
      language: language(),
      font: getComputedStyle(canvas).fontFamily,
      width: canvas.clientWidth,
      texts: { data_date: t("data_date"), today: t("today") },
    };
    chart.setOption(optionsFor(kind, data, setting, canvas.clientHeight || 240), true);
    // With a view box the drawing shrinks onto paper, where no script can draw it again.
    canvas.querySelector("svg")?.setAttribute("viewBox", `0 0 ${chart.getWidth()} ${chart.getHeight()}`);
  };
  chart.on("click", (event) => {
    const url = (event.data as { url?: string } | undefined)?.url;
    if (url) location.assign(url);
  });
  redraw();
  return {
    redraw,
    resize: () => {
      if (!canvas.clientWidth) return;
      chart.resize();
      redraw();
    },
  };
}
