import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import ServicePlugin from '../../../local/service-plugin';

const NAMES = ['ATTEMPTS', 'USER_AGENT', 'IMAGE_RELAY_ENV_FILE'];

describe('the plugin that starts the service', () => {
  const started = process.cwd();
  const before = { ...process.env };
  let folder: string;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'image-relay-'));
    process.chdir(folder);
    for (const name of NAMES) Reflect.deleteProperty(process.env, name);
  });
  afterEach(() => {
    for (const name of NAMES) {
      Reflect.deleteProperty(process.env, name);
      if (before[name] !== undefined) process.env[name] = before[name];
    }
    process.chdir(started);
    fs.rmSync(folder, { recursive: true });
    jest.restoreAllMocks();
  });

  const start = (command = 'offline'): unknown =>
    new ServicePlugin({
      processedInput: { commands: [command, 'start'] },
      pluginManager: { plugins: [] },
    });
  const writeEnvFile = (text: string): void => fs.writeFileSync('.env', text);

  it('takes the settings of `.env`, and lets those of the environment go before', () => {
    writeEnvFile('ATTEMPTS=7\nUSER_AGENT=from-the-file\n');
    process.env['USER_AGENT'] = 'from-the-environment';
    start();
    expect([process.env['ATTEMPTS'], process.env['USER_AGENT']]).toEqual([
      '7',
      'from-the-environment',
    ]);
  });

  it('stops for a bad setting in `.env`', () => {
    const said = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    jest.spyOn(process, 'exit').mockImplementation((status) => {
      throw new Error(`exit ${status}`);
    });
    writeEnvFile('ATTEMPTS=0\n');
    expect(() => start()).toThrow('exit 1');
    expect(said.mock.calls.join('')).toContain('ATTEMPTS');
  });

  it('judges no settings where another command is run', () => {
    writeEnvFile('ATTEMPTS=0\n');
    start('package');
    expect(process.env).not.toHaveProperty('ATTEMPTS');
  });
});
