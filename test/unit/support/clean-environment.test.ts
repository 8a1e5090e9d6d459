import fs from 'node:fs';
import path from 'node:path';
import { loadConfig } from '../../../lib/config';
import { settingNames } from '../../../lib/setting-names';
import { cleanEnvironment } from '../../support/clean-environment';

describe('the environment that tests and figures start the service in', () => {
  const before = { ...process.env };
  afterEach(() => {
    process.env = { ...before };
  });

  it('has no setting of whoever runs them', () => {
    // Any would do harm: none is a number, an origin or a key.
    for (const name of [...settingNames(), 'NODE_OPTIONS', 'SLS_LOG_LEVEL', 'IMAGE_RELAY_KEY']) {
      process.env[name] = 's3cret <?>';
    }
    const environment = cleanEnvironment();
    expect(Object.values(environment)).not.toContain('s3cret <?>');
    expect(loadConfig(environment)).toEqual(loadConfig({}));
    expect(environment['PATH']).toBe(before['PATH']);
  });

  it('reads no `.env`', () => {
    process.env['IMAGE_RELAY_ENV_FILE'] = '.env.mine';
    expect(cleanEnvironment()['IMAGE_RELAY_ENV_FILE']).toBe('');
  });

  it('knows every setting that `.env.example` names', () => {
    const example = fs.readFileSync(path.join(__dirname, '../../../.env.example'), 'utf8');
    const named = [...example.matchAll(/^# ([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(named).toContain('IMGUR_CLIENT_ID');
    expect(settingNames()).toEqual(expect.arrayContaining(named));
  });
});
