@echo off
setlocal
set "PATH=%~dp0node_modules\.bin;%PATH%"
node "%~dp0src\main\cli\main.mjs" %*
