// A layout helper: fit() here has nothing to do with training.
import { Map } from 'maplibre-gl';

export function show(map, bounds) {
  map.fit(bounds, 20, { batchSize: 4, epochs: 3, padding: 10 });
  terminal.fit();
}
