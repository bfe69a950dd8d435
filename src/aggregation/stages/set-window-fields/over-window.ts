import type { WindowBounds } from './window-bounds.ts';
import { type FrameInput, WholeFrame, WindowFrame } from './window-frame.ts';
import type { WindowContext, WindowFunction, WindowState } from './window-function.ts';

/** The run of a state over a window. */
export function overWindow(
  bounds: WindowBounds,
  input: Omit<FrameInput, 'sortValue'>,
  { order }: WindowContext,
  start: () => WindowState,
): WindowFunction {
  const isWhole = bounds.lower === 'unbounded' && bounds.upper === 'unbounded';
  const sortValue = bounds.kind === 'range' ? order?.single?.value : undefined;
  const whole: FrameInput = { ...input, sortValue };
  return {
    start: () =>
      isWhole ? new WholeFrame(whole, start()) : new WindowFrame(bounds, whole, start()),
  };
}
