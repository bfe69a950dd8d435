/** Rounding to decimal places, half to even, as the `$round` and `$trunc` of stock do on doubles. */

export function roundDouble(value: number, places: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  if (places === 0) return roundHalfEven(value);
  const scale = 10 ** Math.abs(places);
  const scaled = places > 0 ? value * scale : value / scale;
  if (!Number.isFinite(scaled)) return value;
  const rounded = roundHalfEven(scaled);
  return places > 0 ? rounded / scale : rounded * scale;
}

export function truncDouble(value: number, places: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  const scale = 10 ** Math.abs(places);
  const scaled = places >= 0 ? value * scale : value / scale;
  if (!Number.isFinite(scaled)) return value;
  return places >= 0 ? Math.trunc(scaled) / scale : Math.trunc(scaled) * scale;
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Of an integer only negative places change something. */
export function roundInteger(value: bigint, places: number): bigint {
  if (places >= 0) return value;
  const scale = 10n ** BigInt(-places);
  const whole = value / scale;
  const rest = value % scale;
  const twice = (rest < 0n ? -rest : rest) * 2n;
  const away = twice > scale || (twice === scale && whole % 2n !== 0n);
  return (away ? whole + (value < 0n ? -1n : 1n) : whole) * scale;
}

export function truncInteger(value: bigint, places: number): bigint {
  if (places >= 0) return value;
  const scale = 10n ** BigInt(-places);
  return (value / scale) * scale;
}
