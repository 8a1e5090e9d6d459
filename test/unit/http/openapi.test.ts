import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { REASONS } from '../../../lib/errors';
import { openApiDocument } from '../../../lib/http/openapi';
import { parseUploadRequest } from '../../../lib/http/upload-request';
import { requestExample } from '../../../lib/http/openapi-examples';

const PROJECT = path.join(__dirname, '../../..');
const document = openApiDocument({ publicUrl: 'https://relay.test', maxUrlsPerJob: 7 });

interface Linted {
  totals: { errors: number; warnings: number };
  problems: { message: string; location: { pointer?: string }[] }[];
}

/** What Redocly's recommended rules have to say. */
async function lint(description: object): Promise<Linted> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'openapi-'));
  try {
    const file = path.join(folder, 'openapi.json');
    await fs.writeFile(file, JSON.stringify(description));
    const redocly = path.join(PROJECT, 'node_modules/@redocly/cli/bin/cli.js');
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [redocly, 'lint', file, '--format', 'json'],
      {
        cwd: folder,
        env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
      },
    ).catch((error: unknown) => error as { stdout: string });
    return JSON.parse(stdout.slice(stdout.indexOf('{'))) as Linted;
  } finally {
    await fs.rm(folder, { recursive: true });
  }
}

describe('the OpenAPI document', () => {
  it('has nothing that its linter finds fault with', async () => {
    expect(await lint(document)).toMatchObject({
      totals: { errors: 0, warnings: 0 },
      problems: [],
    });
  }, 60_000);

  it('is seen by that linter', async () => {
    const broken = { ...document, paths: { '/x': { get: { responses: {} } } } };
    expect((await lint(broken)).totals.errors).toBeGreaterThan(0);
  }, 60_000);

  it('shows the schema that validates, with the limit that is set', () => {
    expect(document).toHaveProperty('components.schemas.UploadRequest', {
      type: 'object',
      properties: {
        urls: {
          type: 'array',
          items: { type: 'string' },
          minItems: 1,
          maxItems: 7,
          description: expect.stringContaining('Absolute http or https URLs'),
        },
        clientId: {
          type: 'string',
          pattern: '^[\\x21-\\x7e]{1,200}$',
          description: expect.any(String),
        },
      },
      required: ['urls'],
      additionalProperties: false,
    });
    expect(document).toHaveProperty(
      'components.schemas.Images.properties.images.items.properties.error.anyOf.0.properties.code.enum',
      Object.keys(REASONS),
    );
    expect(document).toHaveProperty('components.parameters.Limit.schema', {
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      default: 50,
    });
  });

  it('gives an example of a request that is accepted', () => {
    expect(parseUploadRequest(requestExample, 7).urls).toEqual(requestExample.urls);
  });
});
