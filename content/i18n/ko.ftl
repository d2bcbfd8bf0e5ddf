skip-to-content = 본문으로 건너뛰기
language = 언어
lessons = 학습 목록
contents = 차례
on-this-page = 이 페이지에서
neighbours = 이전과 다음 학습
previous = 이전
next = 다음
minutes = { $count }분
footer = 이 사이트의 요청은 모두 실제 서버로 가며, 바뀌는 데이터는 나만의 것입니다.
login = 로그인
logout = 로그아웃

home-title = 요청을 보내며 배우는 REST API
home-lead = 글 속의 양식에서 실제 API로 요청을 보내고, 돌아온 응답과 내 데이터가 달라진 모습을 그 자리에서 확인합니다.
home-request = 첫 요청
home-path = 순서대로 읽기

not-found-title = 이 주소에는 페이지가 없습니다
not-found-text = 페이지가 옮겨졌거나 주소가 잘못 입력되었습니다.
not-found-home = 첫 페이지로 가기

theme-label = 테마
theme-auto = 자동
theme-light = 밝게
theme-dark = 어둡게

copy-code = 복사
copy-done = 복사됨
tabs-label = 작성 방법

request-title = 요청 { $number }: { $method } { $target }
request-method = 메서드
request-target = 경로와 쿼리
request-headers = 헤더
request-header-name = 헤더 이름
request-header-value = 헤더 값
request-body = 본문
request-add-header = 헤더 추가
request-send = 보내기
request-cancel = 취소
request-reset = 예제로 되돌리기
request-curl = curl로 복사
request-curl-copied = 복사했습니다. 터미널에서 실행하면 이 페이지와 같은 데이터에 적용됩니다.
request-curl-shown = 이 환경에서는 브라우저가 복사를 허용하지 않습니다. 명령을 직접 선택해 복사하세요.
request-hint = Ctrl 또는 ⌘ + Enter로 보내기

reply-cost = { $ms }ms · { $bytes }바이트
reply-headers = 헤더 ({ $count }개)
reply-body = 응답 본문
reply-no-body = 응답에 본문이 없습니다.
reply-binary = 본문이 텍스트가 아닙니다.
trace-title = 서버가 한 일 ({ $count }단계)
trace-passed = 통과:
trace-stopped = 여기서 끝남:
trace-unreached = 도달하지 않음:
reply-title = 응답
reply-request = 보낸 요청
reply-back = 학습으로 돌아가기

send-offline = 기기가 네트워크에 연결되어 있지 않습니다. 연결한 뒤 다시 보내세요.
send-unreachable = 서버가 응답하지 않습니다. 다시 시작하는 중일 수 있으니 잠시 뒤에 다시 보내세요.
send-timeout = 10초 안에 응답이 오지 않았습니다. 잠시 뒤에 다시 보내 보세요.
send-cancelled = 취소했습니다. 서버가 이미 처리했을 수도 있으니 데이터를 확인하세요.
send-refused = 브라우저가 이 요청을 보내지 않습니다. curl로 복사해 터미널에서 보내세요.

problem-method = 메서드는 GET처럼 글자로 된 한 단어입니다.
problem-method-forbidden = 브라우저는 이 메서드를 보내지 않습니다. curl로 복사해 보내세요.
problem-target-path = 경로는 /api/users처럼 /api/로 시작해야 합니다.
problem-target-host = //로 시작하는 경로는 다른 서버를 가리킵니다. /api/로 시작하세요.
problem-target-character = 역슬래시처럼 경로에 쓸 수 없는 문자가 있습니다.
problem-target-fragment = # 뒤의 내용은 서버로 가지 않습니다. 지우거나, 문자로 쓰려면 %23으로 적으세요.
problem-target-outside = 여기서는 /api/ 아래의 경로만 호출할 수 있습니다.
problem-target-stream = 이벤트 스트림은 끝나지 않으므로 보여 줄 응답이 없습니다.
problem-header-name = 헤더 이름에는 공백이나 ( ) : ; < > @ 같은 문자를 쓸 수 없습니다.
problem-header-forbidden = 브라우저가 직접 보내지 않는 헤더가 있습니다. curl로 복사해 보내세요.
problem-header-value = 헤더 값은 한 줄이어야 합니다.
problem-header-latin = 브라우저는 헤더에 이런 문자를 담아 보내지 않습니다. curl로 복사해 보내세요.
problem-body-forbidden = 브라우저는 GET과 HEAD 요청에 본문을 싣지 않습니다. 본문을 비우거나 curl로 복사해 보내세요.

data-title = 내 사용자 데이터
data-change = 변화
data-added = 추가됨
data-changed = 변경됨
data-removed = 삭제됨
data-unchanged = 내 데이터: 달라진 것이 없습니다.
data-changes = 내 데이터: 추가 { $added }, 변경 { $changed }, 삭제 { $removed }

login-title = 로그인
login-lead = 읽기와 요청 보내기에는 계정이 필요하지 않습니다. 계정은 팀의 학습 공간에 쓰입니다.
login-email = 이메일
login-password = 비밀번호
login-wrong = 이메일 또는 비밀번호가 올바르지 않습니다.
login-busy = 지금 로그인하는 사람이 많습니다. 몇 초 뒤에 다시 시도하세요.
login-required = 이메일과 비밀번호를 입력하세요.
login-unavailable = 지금은 로그인할 수 없습니다. 읽기와 실습은 계속할 수 있습니다.
login-unreadable = 보낸 양식을 읽을 수 없습니다. 이 페이지에서 다시 시도하세요.
