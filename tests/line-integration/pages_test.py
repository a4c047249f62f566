"""pages_test.py DMIGATE MAKE_UNIT SOURCE PICTURES: the pages in a real browser without a screen: scans are typed, verdicts
read, strings of units are hostile, the service goes away and comes back. Leaves pictures of each page."""

import itertools
import json
import os
import shutil
import signal
import sys
import tempfile
import time

if not shutil.which("chromium"):
    print("left out: chromium is not here")
    sys.exit(0)
try:
    from selenium import webdriver
except ImportError:
    print("left out: python3-selenium is not here")
    sys.exit(0)
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from service_plant import PROFILE, Plant

SIZES = ((1920, 1080), (1024, 768))
HOSTILE = "<img/src=x/onerror=alert(1)>"
PATIENCE = 60  # s: only a test that fails waits so long


class Pages:
    def __init__(self, plant, pictures):
        self.plant, self.pictures = plant, pictures
        self.home = tempfile.mkdtemp(prefix="dmigate-browser-")
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for word in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars",
                     "--disable-extensions", "--no-first-run", "--disable-background-networking",
                     "--disable-component-update", "--lang=en", f"--user-data-dir={self.home}"):
            options.add_argument(word)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        service = webdriver.ChromeService(shutil.which("chromedriver")) if hasattr(webdriver, "ChromeService") else None
        if service is None:
            from selenium.webdriver.chrome.service import Service
            service = Service(shutil.which("chromedriver"))
        self.driver = webdriver.Chrome(options=options, service=service)
        self.driver.set_page_load_timeout(PATIENCE)
        self.size(SIZES[0])

    def close(self):
        self.driver.quit()
        shutil.rmtree(self.home, ignore_errors=True)

    def size(self, size):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False})

    def open(self, path):
        self.driver.get(self.plant.url + path)

    def login(self, role):
        self.driver.delete_all_cookies()
        self.open("/login")
        self.driver.find_element(By.ID, "token").send_keys(self.plant.tokens[role] + Keys.ENTER)
        self.until(lambda: "/login" not in self.driver.current_url)

    def until(self, holds):
        def now(_):
            try:
                return holds()
            except Exception:  # the page is being made anew
                return False
        WebDriverWait(self.driver, PATIENCE, poll_frequency=0.05).until(now)

    def text(self, element="body"):
        return self.driver.find_element(By.CSS_SELECTOR, element).text

    def kind(self):
        return self.driver.find_element(By.TAG_NAME, "body").get_attribute("class").replace("station", "").strip()

    def type(self, text):
        """As a scanner does: into whatever has the focus."""
        self.driver.switch_to.active_element.send_keys(text + Keys.ENTER)

    def picture(self, name):
        for size in SIZES:
            self.size(size)
            time.sleep(0.2)
            self.driver.save_screenshot(os.path.join(self.pictures, f"{name}-{size[0]}x{size[1]}.png"))
            # Nothing of the page sticks out of the screen to the side.
            wide = self.driver.execute_script("return document.documentElement.scrollWidth - window.innerWidth")
            assert wide <= 0, (name, size, wide)
            # And nothing of a verdict is cut off: it stands between the head and the field.
            cut = self.driver.execute_script("""
              const main = document.querySelector('body.station main');
              if (!main || !main.children.length || document.querySelector('.lost:not(.hidden)')) return 0;
              const box = main.getBoundingClientRect(), word = document.createRange();
              word.selectNodeContents(document.getElementById('word'));
              return Math.max(word.getBoundingClientRect().right - window.innerWidth,
                              box.top - main.firstElementChild.getBoundingClientRect().top,
                              main.lastElementChild.getBoundingClientRect().bottom - box.bottom);""")
            assert cut <= 0, (name, size, cut)
        self.size(SIZES[0])

    def complaints(self):
        """What the browser says of scripts and of what the policy forbids."""
        return [each for each in self.driver.get_log("browser")
                if "Content Security Policy" in each["message"] or "Uncaught" in each["message"]]


def operator(pages):
    plant = pages.plant
    pages.login("station")
    pages.until(lambda: pages.kind() == "ready")
    assert pages.driver.current_url.endswith("/station/L3-S07")
    assert pages.driver.execute_script("return document.activeElement.id") == "scan"
    pages.picture("station-ready")

    # A unit that was not judged yet; its verdict comes by itself, and stays.
    pages.type("CX2600417")
    pages.until(lambda: pages.kind() == "waiting" and "WAITING" in pages.text("#word"))
    pages.picture("station-waiting")
    plant.check("CX2600417")
    pages.until(lambda: pages.kind() == "PASS")
    assert pages.text("#word") == "PASS" and pages.text("#label") == "CX2600417"
    pages.picture("station-pass")

    # The next one fails: nothing of the one before is there any more, not even while it is asked for.
    bad = plant.unit("CX2600418", (("CXE500-01", "null"),))
    plant.check("CX2600418", evidence=bad)
    pages.driver.execute_script("""
      window.told = [];
      new MutationObserver(() => window.told.push([document.body.className, document.getElementById('main').innerText]))
        .observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true});""")
    pages.type("  CX2600418 ")
    pages.until(lambda: pages.kind() == "FAIL")
    told = pages.driver.execute_script("return window.told")
    # Up to the scan the one before stands there, and the clock goes on.
    told = list(itertools.dropwhile(lambda each: each[0] == "station PASS" and "CX2600417" in each[1], told))
    assert told
    for kind, text in told:
        assert "CX2600417" not in text and "PASS" not in kind, (kind, text)
    first, todo = pages.text("#first"), pages.text("#todo")
    assert "system-sku-number" in first and todo.startswith("→"), (first, todo)
    pages.picture("station-fail")
    pages.driver.find_element(By.ID, "other").click()
    pages.until(lambda: "不合格" in pages.text("#word") and "为空" in pages.text("#first"))
    pages.picture("station-fail-zh")

    # What is no label is refused, and clears the unit before all the same.
    for typed in ("A B", "x" * 65, "中文"):
        pages.driver.execute_script("document.getElementById('refused').textContent = ''")
        pages.type(typed)
        pages.until(lambda: pages.text("#refused") != "" and pages.kind() == "ready")
        assert "CX2600418" not in pages.text("#main")

    # Focus comes back from wherever it was; a second unit with the first one's serials is told without them.
    copy = plant.unit("CX2600417", (("HB2600417", "HB2600999"),))
    plant.check("CX2600777", evidence=copy)
    pages.driver.find_element(By.ID, "main").click()
    pages.driver.find_element(By.ID, "other").click()
    pages.type("CX2600777")
    pages.until(lambda: pages.kind() == "FAIL")
    assert "CX2600417" not in pages.text("#main") and "HB2600417" not in pages.text("#main"), pages.text("#main")
    pages.picture("station-duplicate")

    # A command runs on the unit.
    run = {**plant.question("CX2600420"), "command": ["write-image"]}
    started = plant.ask("POST", "/v1/run/start", plant.tokens["station"], run).json()
    assert started["outcome"] == "PASS"
    pages.type("CX2600420")
    pages.until(lambda: pages.kind() == "running")
    pages.picture("station-running")
    end = {"request_id": "end-of-run", "record": started["record"], "exit_code": 0}
    plant.ask("POST", "/v1/run/end", plant.tokens["station"], end)
    pages.until(lambda: pages.kind() == "PASS")

    # A label that is a script is text; its unit's strings are, too.
    hostile = plant.unit("CX2600421", (("CXE500-01", f"'{HOSTILE}'"),))
    plant.check(HOSTILE, evidence=hostile)
    pages.type(HOSTILE)
    pages.until(lambda: pages.kind() in ("PASS", "FAIL"))
    assert pages.text("#label") == HOSTILE
    assert pages.driver.find_elements(By.CSS_SELECTOR, "#main img") == []

    # The service goes away: nothing of a verdict is left on the screen, no scan is taken, and it comes back by itself.
    pages.type("CX2600417")
    pages.until(lambda: pages.kind() == "PASS")
    plant.stop(signal.SIGKILL)
    pages.until(lambda: pages.driver.find_element(By.ID, "lost").is_displayed())
    assert "NO CONNECTION" in pages.text("#lost") or "连接中断" in pages.text("#lost")
    assert pages.driver.find_element(By.ID, "main").get_attribute("innerText") == "" and pages.kind() == "away"
    pages.picture("station-lost")
    pages.type("CX2600418")
    pages.until(lambda: pages.driver.find_element(By.ID, "refused").get_attribute("textContent") != "")
    assert pages.kind() == "away"
    plant.start()
    # Another unit was in hand since: nothing of the one before comes back with the service.
    pages.until(lambda: not pages.driver.find_element(By.ID, "lost").is_displayed() and pages.kind() == "ready")
    pages.type("CX2600417")
    pages.until(lambda: pages.kind() == "PASS")

    # A verdict that stands is said in the other language, and is the same one.
    switch = pages.driver.find_element(By.ID, "other")
    for word in ("合格", "PASS") if pages.text("#word") == "PASS" else ("PASS", "合格"):
        switch.click()
        pages.until(lambda: pages.text("#word") == word)
        assert pages.kind() == "PASS" and pages.text("#label") == "CX2600417"

    # The service goes away and comes back with the unit still in hand: its verdict comes back by itself, asked anew.
    plant.stop(signal.SIGKILL)
    pages.until(lambda: pages.kind() == "away")
    for word in ("连接中断", "NO CONNECTION") if "NO CONNECTION" in pages.text("#lost") else ("NO CONNECTION", "连接中断"):
        switch.click()
        pages.until(lambda: word in pages.text("#lost"))
        assert pages.kind() == "away" and pages.driver.find_element(By.ID, "main").get_attribute("innerText") == ""
    plant.start()
    pages.until(lambda: pages.kind() == "PASS" and pages.text("#label") == "CX2600417")
    assert not pages.driver.find_element(By.ID, "lost").is_displayed()

    # The registry goes away under the service.
    os.rename(plant / "registry.db", plant / "away.db")
    pages.until(lambda: pages.driver.find_element(By.ID, "lost").is_displayed())
    pages.picture("station-registry")
    os.rename(plant / "away.db", plant / "registry.db")
    pages.until(lambda: not pages.driver.find_element(By.ID, "lost").is_displayed())


def desk(pages):
    plant = pages.plant
    for number in range(430, 450):
        changes = (("CXE500-01", "null"),) if number % 5 == 0 else ()
        plant.check(f"CX2600{number}", evidence=plant.unit(f"CX2600{number}", changes))
    plant.check("CX2600441", "ship")
    pages.login("engineer")
    pages.until(lambda: "CX2600449" in pages.text("#last"))
    assert "direct · pre-image" in pages.text("#yield") and "field.empty" in pages.text("#pareto")
    assert "L3-S07" in pages.text("#stations")
    plant.check("CX2600499")
    pages.until(lambda: "CX2600499" in pages.text("#last"))  # live
    pages.picture("line")
    # Reached by the keyboard alone.
    search = pages.driver.find_element(By.CSS_SELECTOR, "header input")
    search.send_keys("CX2600418" + Keys.ENTER)
    pages.until(lambda: "field.empty" in pages.text("ol.visits"))
    pages.picture("unit")
    plant.ask("POST", "/v1/rework", plant.tokens["engineer"],
              {"action": "replace", "unit": "CX2600417", "by": HOSTILE, "reason": "<script>alert(2)</script>",
               "parts": [{"keyword": "baseboard-serial-number", "disposition": "repair"}]})
    pages.open("/unit/CX2600417")
    pages.until(lambda: "<script>alert(2)</script>" in pages.text("ol.visits") and HOSTILE in pages.text("ol.visits"))
    pages.picture("unit-known")
    summary = pages.driver.find_elements(By.CSS_SELECTOR, "details summary")
    assert len(summary) >= 4
    pages.open("/unit/" + "%3Cscript%3Ealert(3)%3C%2Fscript%3E")
    pages.until(lambda: "<script>alert(3)</script>" in pages.text("h1"))
    pages.open("/profiles")
    pages.until(lambda: "direct" in pages.text("#main"))
    pages.driver.find_element(By.XPATH, "//button[text()='direct']").click()
    field = lambda: pages.driver.find_element(By.CSS_SELECTOR, "textarea")
    pages.until(lambda: "version: 1" in field().get_attribute("value"))
    field().send_keys(" ")
    pages.driver.find_element(By.CSS_SELECTOR, "#one button").click()
    pages.until(lambda: "loaded already" in pages.text("#one"))
    newer = PROFILE.replace("version: 1", "version: 2").replace("[H310CM-A]", "[H310CM-A, H310CM-B]")
    pages.driver.execute_script("document.querySelector('textarea').value = arguments[0]", newer)
    pages.driver.find_element(By.CSS_SELECTOR, "#one button").click()
    pages.until(lambda: "direct v2" in pages.text("#one") and "H310CM-B" in pages.text("#one"))
    pages.picture("profiles")
    pages.driver.find_element(By.XPATH, "//button[text()='中文']").click()
    pages.until(lambda: "机型规则" in pages.text("header"))
    pages.open("/line")
    pages.until(lambda: "良率" in pages.text() and "为空" in pages.text())
    pages.picture("line-zh")
    pages.open("/unit/CX2600418")
    pages.until(lambda: "为空" in pages.text())
    pages.picture("unit-zh")


def main():
    pictures = sys.argv[4]
    os.makedirs(pictures, exist_ok=True)
    with Plant(*sys.argv[1:4]) as plant:
        pages = Pages(plant, pictures)
        try:
            pages.driver.delete_all_cookies()
            pages.open("/line")
            pages.until(lambda: "/login" in pages.driver.current_url)
            pages.driver.find_element(By.ID, "token").send_keys("dmg_wrong" + Keys.ENTER)
            pages.until(lambda: pages.driver.find_element(By.ID, "wrong").is_displayed())
            pages.picture("login")
            operator(pages)
            desk(pages)
            complaints = pages.complaints()
            assert not complaints, json.dumps(complaints, indent=1)
        except BaseException:
            pages.driver.save_screenshot(os.path.join(pictures, "failed.png"))
            print(pages.text(), file=sys.stderr)
            raise
        finally:
            pages.close()
    print("pictures in", pictures)


main()
