"""What CI asks of the notebooks: print what is unfit to show, exit 1 if there is anything."""
import ast, json, re, sys
from pathlib import Path

root = Path(__file__).resolve().parent.parent
# an absolute path of the machine that ran the notebook: /home/..., /tmp/..., C:\Users\...; not the path of a URL
machine_path = re.compile(r'(?<![\w./:~>-])/(?:home|Users|root|work|tmp|private|mnt|opt|var|usr|srv|workspace)(?:/[\w.-]+|\b(?=[\'"\s]))|\b[A-Z]:\\\\?Users\\')

def notebooks():
    for p in sorted((root/'nbs').rglob('*.ipynb')):
        if not any(o[0] in '_.' for o in p.relative_to(root/'nbs').parts): yield p

def text(o): return ''.join(o) if isinstance(o, list) else str(o)

def output_text(out):
    "Everything of an output that is text and is shown."
    data = [text(v) for k, v in out.get('data', {}).items() if k.startswith('text/')]
    return '\n'.join([text(out.get('text', '')), *data])

def mixed(source):
    "Whether a cell imports and does something else too: building the pages runs every cell that imports, and no other"
    try: body = ast.parse(re.sub(r'^\s*[%!].*$', '', source, flags=re.M)).body
    except SyntaxError: return False
    return len({isinstance(o, (ast.Import, ast.ImportFrom)) for o in body}) == 2

def problems(p):
    try: nb = json.loads(p.read_text(encoding='utf-8'))
    except ValueError as e:
        yield f'is no JSON: {e}'
        return
    widgets = nb.get('metadata', {}).get('widgets')
    if widgets is not None and not all('state' in o for o in widgets.values()) or widgets == {}:
        yield 'metadata.widgets has no state, GitHub will not render it: execute with store_widget_state off'
    code, ids = [c for c in nb['cells'] if c['cell_type'] == 'code'], [c.get('id') for c in nb['cells']]
    if None in ids or len(set(ids)) < len(ids): yield 'has cells without an id, or with the same id'
    if len(code) > 3 and not any(c['outputs'] for c in code): yield 'has no stored outputs: execute it'
    for i, c in enumerate(nb['cells']):
        where = f"cell {i} ({c.get('id')})"
        found = machine_path.search(text(c['source']))
        if found: yield f'{where}: absolute path {found[0]!r} in the source'
        if mixed(text(c['source'])): yield f'{where}: imports and other code in one cell'
        for out in c.get('outputs', []):
            if out['output_type'] == 'error': yield f"{where}: stored error {out.get('ename')}: {out.get('evalue')}"
            found = machine_path.search(output_text(out))
            if found: yield f'{where}: absolute path {found[0]!r} in the output'

def check():
    nbs = list(notebooks())
    bad = [f'{p.relative_to(root)}: {o}' for p in nbs for o in problems(p)]
    print('\n'.join(bad), file=sys.stderr, end='\n' if bad else '')
    print(f'{len(nbs)} notebooks checked, {len(bad)} problems')
    return bool(bad)

def has_slow_cells(path):
    "Whether a notebook has cells that only `make slow` runs"
    cells = json.loads(path.read_text(encoding='utf-8'))['cells']
    return any(c['cell_type'] == 'code' and re.search(r'^#\|\s*slow\b', text(c['source']), re.M) for c in cells)

if __name__ == '__main__':
    if sys.argv[1:]: raise SystemExit(__doc__)
    sys.exit(check())
