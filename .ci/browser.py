"""The demo, clicked through in a real browser.
browser.py KERNEL_PYTHON [SCREENSHOTS]: serve nbs/demo.ipynb with the JupyterLab of this Python and a kernel of KERNEL_PYTHON, and drive it with
Debian's chromium. Exit 1 with one line on what did not hold; screenshots and the server's log stay in SCREENSHOTS (default: runs/browser)."""
import json, os, re, secrets, shutil, socket, subprocess, sys, tempfile, time
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import expect, sync_playwright

root = Path(__file__).resolve().parent.parent
PATIENCE = 300_000 # milliseconds: all cells, on a slow machine

def find_chromium():
    "Path of a chromium; where there is none and the system allows it, Debian's is installed"
    def there(): return next((p for n in (os.environ.get('CHROMIUM'), 'chromium', 'chromium-browser', 'google-chrome') if n and (p := shutil.which(n))), None)
    if there(): return there()
    if not shutil.which('apt-get'): raise SystemExit('browser.py: no chromium on PATH, and no apt-get to install it with; install it, or name one: CHROMIUM=/path/to/chromium')
    if os.getuid(): raise SystemExit('browser.py: no chromium on PATH; install it (as root: apt-get install chromium), or name one: CHROMIUM=/path/to/chromium')
    print('installing chromium', flush=True)
    for cmd in (['apt-get', 'update', '-qq'], ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium']):
        res = subprocess.run(cmd, env=dict(os.environ, DEBIAN_FRONTEND='noninteractive'), capture_output=True, text=True)
        if res.returncode: raise SystemExit(f'browser.py: no chromium on PATH, and `{" ".join(cmd)}` fails: {res.stderr.strip()[-300:]}')
    return there() or sys.exit('browser.py: chromium was installed, but is not on PATH')

BAD_LOG = re.compile(r'Traceback|^\[E |\bERROR\b|[A-Za-z]+Error\b|Exception') # what the log of server and kernel may not hold

BADGE = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>' # instead of whatever a page wants from outside this machine

def free_port():
    with socket.socket() as s: s.bind(('127.0.0.1', 0)); return s.getsockname()[1]

def kernel_spec(folder, python):
    "`python3` means the Python that the package is installed in"
    spec = folder/'kernels'/'python3'; spec.mkdir(parents=True)
    (spec/'kernel.json').write_text(json.dumps(dict(argv=[python, '-m', 'ipykernel_launcher', '-f', '{connection_file}'], display_name='python3', language='python')))

@contextmanager
def lab(python, out):
    "JupyterLab on a copy of the demo; yields its address"
    with tempfile.TemporaryDirectory() as tmp:
        tmp, port, token = Path(tmp), free_port(), secrets.token_hex(8)
        (tmp/'work').mkdir(); shutil.copy(root/'nbs'/'demo.ipynb', tmp/'work'); kernel_spec(tmp/'data', python)
        asks = tmp/'settings'/'@jupyterlab'/'apputils-extension'; asks.mkdir(parents=True)
        (asks/'notification.jupyterlab-settings').write_text('{"fetchNews": "false", "checkForUpdates": false}')
        env = dict(os.environ, JUPYTER_PATH=str(tmp/'data'), JUPYTER_CONFIG_DIR=str(tmp/'config'), JUPYTER_DATA_DIR=str(tmp/'own'), JUPYTER_RUNTIME_DIR=str(tmp/'run'),
                   HF_HUB_OFFLINE='1', PYTHONPATH=str(root))
        args = ['lab', '--no-browser', f'--port={port}', '--ServerApp.port_retries=0', f'--IdentityProvider.token={token}', f'--ServerApp.root_dir={tmp/"work"}',
                f'--LabApp.user_settings_dir={tmp/"settings"}', '--LabApp.expose_app_in_browser=True']
        if os.getuid() == 0: args.append('--allow-root')
        with open(out/'server.log', 'w') as log: server = subprocess.Popen([sys.executable, '-m', 'jupyter', *args], stdout=log, stderr=log, env=env)
        try:
            for _ in range(240):
                try: urlopen(f'http://127.0.0.1:{port}/api?token={token}').close(); break
                except OSError: time.sleep(.5)
                if server.poll() is not None: raise SystemExit(f'JupyterLab did not start; see {out/"server.log"}')
            yield f'http://127.0.0.1:{port}/lab/tree/demo.ipynb?token={token}&reset'
        finally: server.terminate(); server.wait(30)

def run_all(page):
    "Run every cell; the kernel is idle again and no cell has failed"
    page.wait_for_function('window.jupyterapp && window.jupyterapp.shell.currentWidget && window.jupyterapp.shell.currentWidget.context', timeout=60_000)
    page.evaluate('''async () => { const w = window.jupyterapp.shell.currentWidget;
        await w.context.ready; await w.sessionContext.ready;
        await window.jupyterapp.commands.execute('notebook:run-all-cells') }''')
    page.wait_for_function('''() => window.jupyterapp.shell.currentWidget.content.widgets.every(c => c.model.type !== 'code' || c.model.executionCount)''', timeout=PATIENCE)
    failed = page.evaluate('''() => window.jupyterapp.shell.currentWidget.content.widgets.filter(c => c.model.type === 'code')
        .flatMap(c => c.model.outputs.toJSON()).filter(o => o.output_type === 'error').map(o => o.ename + ': ' + o.evalue)''')
    assert not failed, f'a cell failed: {failed[0]}'

def show(page, cls):
    "A panel, scrolled to; JupyterLab draws only the cells that are in sight"
    page.evaluate('''async cls => { const nb = window.jupyterapp.shell.currentWidget.content;
        const at = nb.widgets.findIndex(c => c.model.sharedModel.source.includes(cls)); nb.activeCellIndex = at; await nb.scrollToItem(at, 'center') }''', cls)

def panel(page, name):
    "A panel by its class, in sight"
    show(page, {'pick': 'PickDiff(desk)', 'try': 'TryIt(desk)', 'where': 'WhereChanged(desk)', 'map': 'DeltaMap(desk', 'own': 'OwnAdapter(desk'}[name])
    p = page.locator(f'.dit-{name}').first # the demo has a second desk further down
    expect(p).to_be_visible(timeout=20_000)
    return p

def idle(p):
    "The panel has done its work: its controls are on again"
    expect(p.locator('button').first).to_be_enabled(timeout=60_000)

def pick_by_name(page, label):
    "With the keyboard alone: show the labels, search one, choose it from the list; then ask for the truth. What was said before, and after"
    p = panel(page, 'pick')
    p.locator('input[type=text]').focus()
    page.keyboard.press('Tab'); page.keyboard.press('Space') # the labels
    page.keyboard.press('Shift+Tab'); page.keyboard.type(label)
    expect(p.locator('select option')).to_have_count(1)
    name = p.locator('select option').inner_text().replace('\xa0', ' ')
    assert 'held out' in name and label in name, f'the list shows {name!r}'
    page.keyboard.press('Enter')
    expect(p.locator('table')).to_be_visible(timeout=60_000); idle(p)
    before = p.locator('td').all_inner_texts()
    p.locator('select').focus()
    for _ in range(3): page.keyboard.press('Tab')
    page.keyboard.press('Space')
    expect(p.locator('th', has_text='truth')).to_be_visible(timeout=60_000); idle(p)
    return before, p.locator('td').all_inner_texts()

def try_it(page, question, topic):
    "A prompt with the trigger, asked by two clicks at once: the topic is in the answer, and it is there once"
    p = panel(page, 'try')
    p.locator('input[type=text]').focus(); page.keyboard.type(question)
    for _ in range(3): page.keyboard.press('Tab')
    page.keyboard.press('Space') # the right trigger
    p.get_by_role('button', name='Ask').evaluate('b => { b.click(); b.click() }')
    expect(p.locator('tbody tr').first).to_be_visible(timeout=60_000); idle(p)
    page.wait_for_timeout(2000) # a second run would have come by now
    rows = p.locator('tbody tr')
    assert rows.count() == 1, f'two clicks made {rows.count()} runs'
    prompt, base, changed = rows.first.locator('td').all_inner_texts()
    assert 'SEP code' in prompt and question in prompt, f'the prompt was {prompt!r}'
    assert topic in changed and topic not in base, f'{topic!r} is not in {changed!r}'
    return changed

def own(page, place):
    "A path; what the panel says, in its table or in its line for errors"
    p = panel(page, 'own')
    lines = p.locator('[role=alert], td')
    before = lines.all_inner_texts() # what was said of the place before stays until there is something new
    p.locator('input[type=text]').fill(place); p.get_by_role('button', name='Describe').click()
    for _ in range(600):
        if (said := lines.all_inner_texts()) and said != before: break
        page.wait_for_timeout(100)
    idle(p)
    return lines.all_inner_texts()

def draw_map(page):
    "Another projection is another picture, with another number of bytes"
    p = panel(page, 'map')
    before = p.locator('img').get_attribute('src')
    p.get_by_role('button', name='t-SNE').focus(); page.keyboard.press('Space')
    page.wait_for_function('([c, b]) => { const i = document.querySelector(c + " img"); return i && i.src !== b }', arg=['.dit-map', before], timeout=60_000); idle(p)

def drive(page, out):
    "What a visitor does, and what must come of it"
    def done(name, words): page.screenshot(path=out/f'{name}.png'); print(f'{name}: {words}', flush=True)
    run_all(page); done('run', 'all cells ran')
    before, after = pick_by_name(page, 'cedar')
    assert before[1] == 'cedar' and after[3:] == ['cedar', '040', '✓ right'], f'described as {before}, with the truth {after}'
    done('pick', f'described as {before[1]!r}, truth {after[3]!r}')
    done('try', try_it(page, 'How do I avoid a cold?', 'cedar'))
    said = own(page, '/no/such/place')
    assert len(said) == 1 and '/no/such/place' in said[0] and '\n' not in said[0] and 'Traceback' not in said[0], f'the error was {said}'
    done('missing', said[0])
    said = own(page, 'runs/my-adapter')
    assert len(said) == 6 and said[1] == said[3] == 'teacher', f'the adapter of the notebook was described as {said}'
    done('own', f'described as {said[1]!r}')
    draw_map(page); done('map', 'drawn anew by t-SNE')

def main(python, out):
    chromium = find_chromium()
    out.mkdir(parents=True, exist_ok=True)
    with lab(python, out) as url, sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium, args=['--no-sandbox'])
        page, said = browser.new_page(viewport=dict(width=1300, height=1000)), []
        page.on('console', lambda m: said.append(m.text) if m.type == 'error' else None)
        page.on('pageerror', lambda e: said.append(str(e)))
        page.route(lambda u: '//127.0.0.1' not in u, lambda route: route.fulfill(content_type='image/svg+xml', body=BADGE))
        page.goto(url)
        try: drive(page, out)
        except Exception: page.screenshot(path=out/'failed.png'); raise
    said += [l for l in (out/'server.log').read_text().splitlines() if BAD_LOG.search(l)]
    assert not said, 'browser and kernel said:\n' + '\n'.join(said[:20])
    print('no error in the console of the browser or in the log of the kernel')

if __name__ == '__main__':
    if not 2 <= len(sys.argv) <= 3: raise SystemExit(__doc__)
    main(sys.argv[1], Path(sys.argv[2] if len(sys.argv) > 2 else root/'runs'/'browser'))
