import { decodeValue } from '../../bson/index.ts';
import { Scope, type Value, type Variables } from '../../expressions/index.ts';
import { type Stage, Work, type WorkResult } from '../../plan/index.ts';
import { EqualityJoin } from '../equality-join.ts';
import { keysAt } from '../equality-keys.ts';
import { Pipeline } from '../pipeline.ts';
import type {
  PipelineContext,
  PipelineStage,
  StageDefinition,
  UnwindOptions,
} from '../pipeline-stage.ts';
import { ResultsCache } from '../results-cache.ts';
import { explainExamined, foreignOf } from './foreign.ts';
import { type Joining, JoiningStage } from './joining.ts';
import { type LookupSpecification, parseLookup, type ReadAnew } from './lookup-specification.ts';
import { explainUnwind, isUnwindOf } from './unwind-joined.ts';

/** Finds what a document is joined with. */
type Search = (document: Buffer) => Stage;

class LookupStage extends JoiningStage {
  readonly #search: Search;

  constructor(source: Stage, joining: Joining, search: Search) {
    super(source, joining);
    this.#search = search;
  }

  protected search(document: Buffer): void {
    this.begin(this.#search(document));
  }

  protected step(): WorkResult {
    const inner = this.inner!;
    const result = inner.work();
    if (result === Work.advanced) return this.joined(inner.buffer, inner.start);
    if (result === Work.needTime) return result;
    this.end();
    return this.finish();
  }
}

/** `$lookup`: adds to each document an array of documents of another collection. */
export const lookup: StageDefinition = {
  name: '$lookup',
  parse(argument, context, place) {
    const specification = parseLookup(argument, context, place);
    return lookupStage(argument, specification, context.variables, undefined);
  },
};

function lookupStage(
  argument: Value,
  specification: LookupSpecification,
  variables: Variables,
  unwind: UnwindOptions | undefined,
): PipelineStage {
  const { from, as } = specification;
  return {
    name: '$lookup',
    argument,
    build(source, context) {
      const joining = { name: '$lookup', from: from.name, as, unwind };
      return new LookupStage(source!, joining, searchOf(specification, variables, context));
    },
    withUnwind(next) {
      if (unwind !== undefined || !isUnwindOf(next, as)) return undefined;
      return lookupStage(argument, specification, variables, next);
    },
    explain: (built) => ({
      $lookup: { ...(decodeValue(argument) as object), ...explainUnwind(unwind) },
      ...explainExamined(built),
    }),
  };
}

function searchOf(
  specification: LookupSpecification,
  variables: Variables,
  context: PipelineContext,
): Search {
  const { from, equality } = specification;
  const { head, same, different } = specification.parts();
  const { namespace } = from;
  const bind = bindingOf(specification, variables);
  if (equality !== undefined) {
    const { local, foreign: path } = equality;
    const joinTo = (head: Pipeline): EqualityJoin =>
      new EqualityJoin({ namespace, head, path, stage: '$lookup' }, context);
    const forAll = head instanceof Pipeline ? joinTo(head) : undefined;
    return (document) => {
      const bound = bind(document);
      const join = forAll ?? joinTo((head as ReadAnew)(bound));
      const rest = different?.(bound);
      return join.open(keysAt(document, 0, local), rest === undefined ? same : both(same, rest));
    };
  }
  const foreign = foreignOf(context, '$lookup');
  const open = (pipeline: Pipeline): Stage => foreign.open(pipeline, namespace).root;
  if (same.stages.length === 0 && different !== undefined) {
    return (document) => open(different(bind(document)));
  }
  const cache = new ResultsCache();
  return (document) => {
    const results = cache.read(() => open(same));
    return different === undefined
      ? results
      : different(bind(document)).buildAbove(results, context);
  };
}

/** The variables of the pipeline inside, with what a document says of them. */
function bindingOf(
  specification: LookupSpecification,
  variables: Variables,
): (document: Buffer) => Variables {
  if (specification.let.length === 0) return () => variables;
  return (document) => {
    const scope = new Scope(document, 0);
    const values = specification.let.map(
      ({ name, value }) => [name, value.evaluate(scope)] as const,
    );
    return variables.with(new Map(values));
  };
}

function both(first: Pipeline, second: Pipeline): Pipeline {
  const metaWords = new Set([...first.metaWords, ...second.metaWords]);
  return new Pipeline([...first.stages, ...second.stages], metaWords, first.collation);
}
