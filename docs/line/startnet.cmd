@echo off
rem What WinPE starts. It images only a unit with a go-ahead (go.txt, from the boot server), and takes the
rem go-ahead away first: a second start, or another unit, finds none. image.cmd is the plant's own.
if not defined LINE set LINE=\\line-server\line
wpeinit
set UNIT=
if exist "%~dp0go.txt" for /f "usebackq delims=" %%u in ("%~dp0go.txt") do if not defined UNIT set UNIT=%%u
if not defined UNIT goto refused
if not exist "%LINE%\go\%UNIT%.txt" goto refused
if not exist "%LINE%\started" mkdir "%LINE%\started"
if exist "%LINE%\started\%UNIT%.*" del /q "%LINE%\started\%UNIT%.*"
move /y "%LINE%\go\%UNIT%.txt" "%LINE%\started\%UNIT%.txt"
if not "%errorlevel%"=="0" goto refused
if exist "%LINE%\go\%UNIT%.txt" goto refused
if not exist "%LINE%\started\%UNIT%.txt" goto refused
call "%~dp0image.cmd"
if not "%errorlevel%"=="0" goto failed
echo imaged >"%LINE%\started\%UNIT%.done"
echo IMAGED: on to post-image
goto end

:failed
echo FAILED: the image was not written whole; take the unit back to pre-image
goto end

:refused
echo REFUSED: this unit has no go-ahead; take it to pre-image
goto end

:end
