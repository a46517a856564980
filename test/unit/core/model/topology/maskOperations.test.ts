import { describe, expect, it } from 'vitest';
import { withoutMaskOperations } from '../../../../../src/core/model/topology/maskOperations';

const tensor = (name: string) => ({
  class_name: '__keras_tensor__',
  config: { keras_history: [name, 0, 0] },
});

const layer = (name: string, className: string, args: unknown[], kwargs = {}, config = {}) => ({
  class_name: className,
  name,
  config: { name, ...config },
  inbound_nodes: args.length === 0 ? [] : [{ args, kwargs }],
});

/** Words, of which `compared` says what is hidden, before a recurrent layer that takes the mask. */
function model(compared: readonly unknown[], operation = 'NotEqual', mask_zero = true) {
  return [
    layer('words', 'InputLayer', []),
    layer('embedding', 'Embedding', [tensor('words')], {}, { mask_zero }),
    layer('shown', operation, [...compared]),
    layer('lstm', 'LSTM', [tensor('embedding')], { mask: tensor('shown'), training: false }),
  ];
}
const outputs = [['lstm', 0, 0]];
const namesOf = (layers: readonly object[]) =>
  withoutMaskOperations(layers as Record<string, unknown>[], outputs).map(({ name }) => name);

describe('operations that make masks', () => {
  it('are left out where a layer makes the same mask', () => {
    const left = withoutMaskOperations(model([tensor('words'), 0]), outputs);
    expect(left.map(({ name }) => name)).toEqual(['words', 'embedding', 'lstm']);
    expect(left.at(-1)?.inbound_nodes).toEqual([
      { args: [tensor('embedding')], kwargs: { training: false } },
    ]);
  });

  it.each([
    ['another value is hidden', model([tensor('words'), 3])],
    ['no layer hides any', model([tensor('words'), 0], 'NotEqual', false)],
    ['another tensor is compared', model([tensor('embedding'), 0])],
    ['it is no operation of masks', model([tensor('words'), 0], 'Greater')],
  ])('stay where %s', (_, layers) => {
    expect(namesOf(layers)).toContain('shown');
  });

  it('stay where an output follows from them', () => {
    const layers = model([tensor('words'), 0]);
    const kept = withoutMaskOperations(layers, [...outputs, ['shown', 0, 0]]);
    expect(kept).toBe(layers);
  });

  it('follow the value that a layer of masking hides', () => {
    const masked = (value: number) => [
      layer('steps', 'InputLayer', []),
      layer('masking', 'Masking', [tensor('steps')], {}, { mask_value: -1 }),
      layer('differ', 'NotEqual', [tensor('steps'), value]),
      layer('shown', 'Any', [tensor('differ')]),
      layer('lstm', 'LSTM', [tensor('masking')], { mask: tensor('shown') }),
    ];
    expect(namesOf(masked(-1))).toEqual(['steps', 'masking', 'lstm']);
    expect(namesOf(masked(0))).toContain('differ');
  });
});
