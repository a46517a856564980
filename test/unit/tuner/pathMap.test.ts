import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PathMap } from '../../../src/tuner/process/pathMap';

describe('a path map', () => {
  const map = new PathMap({ '/project': '/mnt/project/', '/project/data': '/data' });

  it('moves what lies in a folder, the innermost first', () => {
    expect(map.there('/project/train.py')).toBe('/mnt/project/train.py');
    expect(map.there('/project/data/a.csv')).toBe('/data/a.csv');
    expect(map.there('/project')).toBe('/mnt/project');
    expect(map.here('/data/a.csv')).toBe('/project/data/a.csv');
  });

  it('leaves other files alone, also those whose names only begin alike', () => {
    expect(map.there('/projects/train.py')).toBe('/projects/train.py');
    expect(map.here('/dataset/a.csv')).toBe('/dataset/a.csv');
  });

  it('brings back what it moved', () => {
    const name = fc.stringMatching(/^[a-z]{1,8}$/);
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), name, (parts, file) => {
        const one = new PathMap({ '/here': '/over/there' });
        const given = path.join('/here', ...parts, file);
        expect(one.here(one.there(given))).toBe(given);
      }),
    );
  });
});
