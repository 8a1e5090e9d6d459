import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { builtService } from '../support/built-service';
import { callFunction, recordedEvent } from '../support/call-function';
import { cleanEnvironment } from '../support/clean-environment';
import { describeWithPostgres, testDatabase } from '../support/postgres';
import { copyOfProject } from '../support/project-copy';
import { unzip } from '../support/unzip';

jest.setTimeout(120_000);

/** Imgur is nowhere, and no invocation goes anywhere. */
const NOWHERE = 'http://127.0.0.1:9';
const POST_BODY = { body: JSON.stringify({ urls: ['https://a.example/1.png'] }) };
const JSON_HEADERS = { 'content-type': 'application/json', 'x-api-key': 'key' };

/** Each function, its route, and what it answers where there is no job yet. */
const FUNCTIONS = [
  ['create-upload', 'POST /v1/images/upload', 202],
  ['get-upload', 'GET /v1/images/upload/{jobId}', 404],
  ['get-upload-images', 'GET /v1/images/upload/{jobId}/images', 404],
  ['cancel-upload', 'DELETE /v1/images/upload/{jobId}', 404],
  ['retry-upload', 'POST /v1/images/upload/{jobId}/retry', 404],
  ['create-album', 'POST /v1/images/upload/{jobId}/album', 404],
  ['delete-image', 'DELETE /v1/images/{imageId}', 404],
  ['list-uploads', 'GET /v1/images/upload', 200],
  ['list-images', 'GET /v1/images', 200],
  ['page', 'GET /', 200],
  ['health', 'GET /health', 200],
  ['ready', 'GET /ready', 503],
  ['metrics', 'GET /metrics', 200],
  ['openapi', 'GET /openapi.json', 200],
  ['embedded-image', 'GET /embedded/{file}', 404],
  ['embedded-page', 'GET /embedded/a/{albumId}', 404],
  ['no-route', '$default', 404],
] as const;

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
}
interface Template {
  readonly Resources: Record<string, Resource>;
}

describeWithPostgres('the package for Lambda', () => {
  let project: string;
  let resources: Record<string, Resource>;
  let database: Awaited<ReturnType<typeof testDatabase>>;

  beforeAll(async () => {
    project = copyOfProject();
    const params = {
      ...{ databaseUrl: 'postgres://relay@db.example/relay', imgurClientId: 'client' },
      ...{ apiKeys: 'key', imgurApiUrl: NOWHERE },
    };
    const flags = Object.entries(params).map(([name, value]) => `--param=${name}=${value}`);
    const serverless = path.join('node_modules', 'serverless', 'bin', 'serverless.js');
    [database] = await Promise.all([
      testDatabase(),
      promisify(execFile)(process.execPath, [serverless, 'package', '--stage', 'test', ...flags], {
        cwd: project,
        env: cleanEnvironment(),
      }),
    ]);
    const file = path.join(project, '.serverless', 'cloudformation-template-update-stack.json');
    resources = (JSON.parse(fs.readFileSync(file, 'utf8')) as Template).Resources;
  }, 120_000);
  afterAll(async () => {
    fs.rmSync(project, { recursive: true });
    await database.close();
  });

  const ofType = (type: string): Resource['Properties'][] =>
    Object.values(resources).flatMap((each) => (each.Type === type ? [each.Properties] : []));
  const functionOf = (name: string) =>
    ofType('AWS::Lambda::Function').find(
      ({ FunctionName }) => FunctionName === `image-relay-test-${name}`,
    )!;
  const variables = () =>
    (functionOf('health')['Environment'] as { Variables: Record<string, string> }).Variables;

  it('may start process-upload, and do nothing else but write its log', () => {
    const [role] = ofType('AWS::IAM::Role') as {
      Policies: { PolicyDocument: { Statement: { Action: string[]; Resource: unknown }[] } }[];
    }[];
    const statements = role!.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    const more = statements.filter(({ Action }) => !Action.every((each) => /^logs:/.test(each)));
    const arn = 'arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function';
    expect(more).toEqual([
      {
        Effect: 'Allow',
        Action: ['lambda:InvokeFunction'],
        Resource: { 'Fn::Sub': `${arn}:image-relay-test-process-upload` },
      },
    ]);
  });

  it('has a schedule of a minute that may start it, and nobody who repeats a run', () => {
    expect(ofType('AWS::Events::Rule')).toMatchObject([
      {
        ScheduleExpression: 'rate(1 minute)',
        State: 'ENABLED',
        Targets: [{ Arn: { 'Fn::GetAtt': ['ProcessDashuploadLambdaFunction', 'Arn'] } }],
      },
    ]);
    expect(ofType('AWS::Lambda::EventInvokeConfig')).toMatchObject([
      { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 },
    ]);
  });

  it('bounds the runs, and lets one start the next', () => {
    expect(functionOf('process-upload')).toMatchObject({
      Timeout: 900,
      ReservedConcurrentExecutions: Number(variables()['MAX_WORKERS']) + 1,
      RecursiveLoop: 'Allow',
    });
  });

  it('has the same settings for each function, and no embedded Imgur', () => {
    const functions = ofType('AWS::Lambda::Function');
    const names = [...FUNCTIONS.map(([name]) => name), 'process-upload'];
    expect(functions.map(({ FunctionName }) => FunctionName).sort()).toEqual(
      names.map((name) => `image-relay-test-${name}`).sort(),
    );
    for (const each of functions) {
      expect(each).toMatchObject({
        Architectures: ['arm64'],
        Environment: { Variables: variables() },
        Timeout: each === functionOf('process-upload') ? 900 : 29,
      });
    }
    expect(variables()).toMatchObject({
      INVOKER: 'lambda',
      LAMBDA_FUNCTION: 'image-relay-test-process-upload',
      DATABASE_URL: 'postgres://relay@db.example/relay',
      IMGUR_API_URL: NOWHERE,
      API_KEYS: 'key',
    });
  });

  describe('unpacked, without a package beside it,', () => {
    const call = (name: string, event: object) => {
      const folder = path.join(project, 'unpacked', name);
      unzip(path.join(project, '.serverless', `${name}.zip`), folder);
      // As Lambda does: the settings are those of the template, on a database that is there.
      const env = { ...variables(), AWS_LAMBDA_FUNCTION_NAME: `image-relay-test-${name}` };
      return callFunction(path.join(folder, 'handlers', `${name}.js`), event, {
        ...env,
        ...{ DATABASE_URL: database.url, LAMBDA_ENDPOINT: NOWHERE },
      });
    };

    it('has functions that answer what API Gateway sends', async () => {
      const answered = await Promise.all(
        FUNCTIONS.map(async ([name, route]) => {
          const isPost = route === 'POST /v1/images/upload';
          const more = { headers: JSON_HEADERS, ...(isPost ? POST_BODY : {}) };
          const { answer } = await call(name, recordedEvent(route, more));
          return [name, route, answer.statusCode];
        }),
      );
      expect(answered).toEqual(FUNCTIONS);
    });

    it('has a process-upload that answers the schedule', async () => {
      const { answer } = await call('process-upload', { source: 'aws.events', detail: {} });
      expect(answer).toEqual({});
      const converting = path.join('process-upload', 'lib', 'images', 'convert', 'child');
      expect(fs.readdirSync(path.join(project, 'unpacked', converting))).toContain('main.cjs');
    });
  });

  it('is not in the way of a start with the defaults: no SDK is loaded for a job', async () => {
    const built = await builtService();
    const event = recordedEvent('POST /v1/images/upload', { headers: JSON_HEADERS, ...POST_BODY });
    const file = path.join(built, 'handlers', 'create-upload.cjs');
    const inMemory = await callFunction(file, event, {});
    expect([inMemory.answer.statusCode, inMemory.sdk]).toEqual([202, 0]);
    // The same program, told to use it, shows that the count is right.
    const env = { INVOKER: 'lambda', LAMBDA_ENDPOINT: NOWHERE, IMGUR_API_URL: NOWHERE };
    const onLambda = await callFunction(file, event, { ...env, DATABASE_URL: database.url });
    expect(onLambda.answer.statusCode).toBe(202);
    expect(onLambda.sdk).toBeGreaterThan(0);
  });
});
