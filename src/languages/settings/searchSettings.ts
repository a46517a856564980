import { familyOf } from '../code/knowledge/layers';
import { inTurn } from '../clock';
import { hintIn } from '../hints';
import { SiteBuilder, compareSpans } from '../siteBuilder';
import type { Findings, LayerCall, Training } from '../site';
import { FoundInTree, walk } from './foundSettings';
import { commandsIn, isLaunches, launchesIn } from './launches';
import { batchwise, isBatchwise } from './ownConfiguration';
import { span, trainingsIn } from './settingSites';
import type { SettingsFile } from './settingsTree';
import { looksLikeTraining } from './trainingKeys';

/**
 * Finds what decides a training's arithmetic in a configuration, where it looks like one, and in the
 * command lines it holds.
 * @param text the whole document
 */
export function* searchSettings(
  { roots, comments }: SettingsFile,
  text: string,
  fileName: string | null,
): Generator<undefined, Findings> {
  const builder = new SiteBuilder();
  const inferences = new SiteBuilder();
  const trainings: Training[] = [];
  const layers: LayerCall[] = [];
  for (const root of roots) {
    const found = new FoundInTree();
    yield* walk(root, [], found, 0);
    for (const { className, scalar } of found.layers)
      layers.push({
        ...{ className, written: scalar.text, family: familyOf(className) },
        range: span(scalar),
      });
    if (isBatchwise(fileName)) trainings.push(...batchwise(root, builder));
    else if (isLaunches(fileName)) trainings.push(...launchesIn(root, builder));
    else if (looksLikeTraining(found, fileName))
      for (const training of yield* trainingsIn(found, builder, inferences))
        trainings.push(training);
    trainings.push(...(yield* commandsIn(text, found.commands, builder, inferences)));
  }
  const hints = yield* inTurn(comments, (comment) => hintIn(comment.text, span(comment)));
  return {
    sites: builder.all(),
    inferences: inferences.all(),
    trainings: trainings.sort((a, b) => compareSpans(a.call.range, b.call.range)),
    layers,
    hints: hints.filter((hint) => hint !== null),
  };
}
