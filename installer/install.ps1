# Shows what SafeGuard would do on this PC. Run it as administrator:   powershell -ExecutionPolicy Bypass -File installer\install.ps1 --child anna
#
# NOT YET TRIED ON A REAL MACHINE. So it goes no further than this:
#   1. looks whether this PC can run SafeGuard; if not, it says in one line what is missing and changes nothing;
#   2. makes a Python environment of its own in a temporary folder, with what SafeGuard needs;
#   3. lets `safeguard setup` print from there every command it would run, with the one that takes it back. The folder is removed again.
# Whatever you write behind install.ps1 goes to `safeguard setup --dry-run`.
$ErrorActionPreference = 'Stop'

function Stop-Here([string]$Why) {
    [Console]::Error.WriteLine("install.ps1: $Why")
    exit 2
}

$me = New-Object System.Security.Principal.WindowsPrincipal([System.Security.Principal.WindowsIdentity]::GetCurrent())
if (-not $me.IsInRole([System.Security.Principal.WindowsBuiltInRole]::Administrator)) {
    Stop-Here 'this is for the administrator of the PC; open PowerShell with "Run as administrator"'
}
if ($env:ProgramFiles -ne 'C:\Program Files' -or $env:ProgramData -ne 'C:\ProgramData') {
    Stop-Here 'Windows keeps its programs in another place here than C:\Program Files and C:\ProgramData; SafeGuard cannot do that yet'
}
$here = Split-Path -Parent $PSScriptRoot
if (-not (Test-Path -LiteralPath (Join-Path $here 'pyproject.toml'))) {
    Stop-Here 'run it from the folder of SafeGuard that you downloaded'
}

# A Python of 3.12 or newer, installed for all users: one in a folder of a single user could be changed by that user's programs.
$python = Get-ChildItem -Path 'C:\Program Files\Python3*\python.exe' -ErrorAction SilentlyContinue | ForEach-Object { $_.FullName } | Where-Object {
    & $_ -I -c 'import sys; sys.exit(sys.version_info < (3, 12))'
    $LASTEXITCODE -eq 0
} | Select-Object -First 1
if (-not $python) {
    Stop-Here 'SafeGuard needs Python 3.12 or newer: get it from https://www.python.org/downloads/ and choose "Install for all users"'
}

$folder = Join-Path ([System.IO.Path]::GetTempPath()) ([System.IO.Path]::GetRandomFileName())
$code = 1
try {
    Write-Host 'Making a Python environment for SafeGuard (this needs the internet, and a minute).'
    & $python -I -m venv $folder
    if ($LASTEXITCODE -ne 0) { Stop-Here 'the Python environment could not be made' }
    $own = Join-Path $folder 'Scripts\python.exe'
    & $own -I -m pip install --quiet --disable-pip-version-check $here
    if ($LASTEXITCODE -ne 0) { Stop-Here 'what SafeGuard needs could not be installed' }
    & $own -I -B -m safeguard setup --dry-run --system windows @args
    $code = $LASTEXITCODE
} finally {
    Remove-Item -LiteralPath $folder -Recurse -Force -ErrorAction SilentlyContinue
}
exit $code
