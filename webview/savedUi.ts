import * as z from 'zod';
import { chartNames, initialUi, lossAxes, memoryParts, type UiState } from './store';

const savedSchema = z.object({
  configUri: z.string().nullable(),
  ui: z.object({
    lossAxis: z.enum(lossAxes),
    hidden: z.array(z.number()),
    hiddenParts: z.array(z.enum(memoryParts)),
    selected: z.number().nullable(),
    asTable: z.array(z.enum(chartNames)),
  }),
});

/** What the webview keeps in VS Code (`setState`) and its serializer gets back after a reload. */
export type SavedPanel = z.infer<typeof savedSchema>;

/** The choices kept from before; the defaults when there are none or an older version wrote them. */
export function savedUi(saved: unknown): UiState {
  const parsed = savedSchema.safeParse(saved);
  return parsed.success ? parsed.data.ui : initialUi;
}
