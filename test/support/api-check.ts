import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';

/** The parts of an OpenAPI document that are read here. */
export interface ApiDocument {
  paths: Record<string, Record<string, { operationId?: string; responses?: object }>>;
}
interface Described {
  headers?: Record<string, unknown>;
  content?: Record<string, unknown>;
}

export interface ApiCheck {
  /** Every operation of the document, like `GET /v1/images`. */
  readonly operations: readonly string[];
  /** What was answered and checked so far: operations with a status, like `GET /v1/images 200`. */
  readonly seen: ReadonlySet<string>;
  /** Every answer that the document names, in the same words. */
  readonly described: readonly string[];
  /** @throws {Error} unless the answer is as the document says. It consumes the response. */
  check(method: string, path: string, response: Response): Promise<void>;
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'];

/** Checks answers against an OpenAPI document: status, headers, content type and body. */
export function createApiCheck(document: ApiDocument): ApiCheck {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema(document, 'api', undefined, false);
  const validators = new Map<string, ValidateFunction>();
  const seen = new Set<string>();
  const entries = Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({ path, method })),
  );
  const operations = entries.map(({ path, method }) => `${method.toUpperCase()} ${path}`);
  const described = entries.flatMap(({ path, method }) =>
    Object.keys(document.paths[path]?.[method]?.responses ?? {}).map(
      (status) => `${method.toUpperCase()} ${path} ${status}`,
    ),
  );
  return { operations, seen, described, check };

  async function check(method: string, path: string, response: Response): Promise<void> {
    const body = method === 'HEAD' ? '' : await response.text();
    const what = `${method} ${path}: ${response.status}`;
    // The gateway takes one slash more at the end for none.
    const plain = path.replace(/(?<=.)\/$/, '');
    const template = Object.keys(document.paths).find((each) => patternOf(each).test(plain));
    if (template === undefined) {
      mustBe(response.status === 404 || response.status === 400, `${what} of an unknown path`);
      judgeProblem(what, response, method, body);
      return;
    }
    if (method === 'OPTIONS') {
      mustBe(response.ok && body === '', `${what} with ${JSON.stringify(body)}`);
      return;
    }
    const known = method === 'HEAD' ? 'get' : method.toLowerCase();
    const responses = document.paths[template]?.[known]?.responses;
    if (!responses) {
      mustBe(response.status === 405 && response.headers.has('allow'), `${what} of no operation`);
      judgeProblem(what, response, method, body);
      return;
    }
    const answer = (responses as Record<string, Described>)[String(response.status)];
    mustBe(answer, `${what} is not described`);
    for (const name of Object.keys(answer.headers ?? {})) {
      mustBe(response.headers.has(name), `${what} without ${name}`);
    }
    const pointer = ['paths', template, known, 'responses', response.status].map(escape).join('/');
    if (method !== 'HEAD') judgeBody(what, response, body, answer, `api#/${pointer}/content`);
    seen.add(`${known.toUpperCase()} ${template} ${response.status}`);
  }

  function judgeBody(
    what: string,
    { headers }: Response,
    body: string,
    { content }: Described,
    pointer: string,
  ): void {
    if (!content) {
      mustBe(body === '', `${what} with a body that is not described`);
      return;
    }
    const type = headers.get('content-type')?.split(';')[0]?.trim() ?? 'no type';
    const range = [type, type.replace(/\/.*/, '/*')].find((each) => content[each]);
    mustBe(range !== undefined, `${what} as ${type} and not ${Object.keys(content).join(' or ')}`);
    if (!/json$/.test(type)) return;
    judgeJson(what, body, `${pointer}/${escape(range)}/schema`);
  }

  function judgeProblem(what: string, { headers }: Response, method: string, body: string): void {
    const type = headers.get('content-type');
    mustBe(type === 'application/problem+json', `${what} as ${type ?? 'no type'}`);
    if (method !== 'HEAD') judgeJson(what, body, 'api#/components/schemas/Problem');
  }

  function judgeJson(what: string, body: string, ref: string): void {
    let validate = validators.get(ref);
    if (!validate) validators.set(ref, (validate = ajv.compile({ $ref: ref })));
    if (validate(JSON.parse(body))) return;
    throw new Error(`${what} is not as described: ${ajv.errorsText(validate.errors)}\n${body}`);
  }
}

function patternOf(template: string): RegExp {
  return new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`);
}

/** A part of a JSON Pointer as a URI fragment holds it (RFC 6901, sections 3 and 6). */
function escape(part: string | number): string {
  return encodeURIComponent(String(part).replaceAll('~', '~0').replaceAll('/', '~1'));
}

function mustBe(condition: unknown, otherwise: string): asserts condition {
  if (!condition) throw new Error(`Expected an answer as the API describes it, got ${otherwise}`);
}
