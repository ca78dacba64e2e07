@echo off
rem Double-click runs the shipped workbook; a workbook dropped on this file runs that one.
setlocal
set PYTHONUTF8=1
where py >nul 2>nul && (set "PYTHON=py -3") || (set "PYTHON=python")
%PYTHON% "%~dp0run.py" %*
set CODE=%ERRORLEVEL%
rem Keep the window open when it was opened by a double-click or a drop.
setlocal EnableDelayedExpansion
if not "!CMDCMDLINE:/c=!"=="!CMDCMDLINE!" pause
exit /b %CODE%
