@echo off
"%~dp0..\node.exe" "%~dp0..\app\out\main\cli.js" %*
